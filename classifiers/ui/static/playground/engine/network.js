// The network as the page computes it. Values are planes: one list a unit, a number a point.
import { activate } from './activations.js';
import { inputPlanes } from './features.js';

export class Network {
  constructor({ sizes, activation, outputs, features }) {
    Object.assign(this, { sizes, activation, outputs, features });
    this.layers = [];
    let at = 0;
    for (let k = 1; k < sizes.length; k += 1) {
      const [fanIn, fanOut] = [sizes[k - 1], sizes[k]];
      // The last weights are stored output by output.
      const strides = k === sizes.length - 1 ? [1, fanIn] : [fanOut, 1];
      this.layers.push({ at, fanIn, fanOut, strides, biases: at + fanIn * fanOut });
      at += (fanIn + 1) * fanOut;
    }
    this.count = at;
  }

  get classes() {
    return this.outputs === 'one_logit' ? 2 : this.sizes.at(-1);
  }

  // Of what feeds unit `to` of a layer (0 is the first hidden one).
  weight(parameters, layer, from, to) {
    const { at, strides } = this.layers[layer];
    return parameters[at + from * strides[0] + to * strides[1]];
  }

  bias(parameters, layer, unit) {
    return parameters[this.layers[layer].biases + unit];
  }

  inputs(places) {
    return inputPlanes(places, this.features);
  }

  // The values of each layer: the inputs first, the logits last.
  values(parameters, inputs) {
    const all = [inputs];
    this.layers.forEach((layer, k) => {
      const planes = this.sums(parameters, k, all[k]);
      if (k < this.layers.length - 1) for (const plane of planes) activate(plane, this.activation);
      all.push(planes);
    });
    return all;
  }

  sums(parameters, k, before) {
    const { fanIn, fanOut } = this.layers[k];
    const planes = [];
    for (let to = 0; to < fanOut; to += 1) {
      const plane = new Float64Array(before[0].length).fill(this.bias(parameters, k, to));
      const weight = (from) => this.weight(parameters, k, from, to);
      let from = 0;
      for (; from + 4 <= fanIn; from += 4) {
        addFour(plane, before, from, weight(from), weight(from + 1), weight(from + 2),
          weight(from + 3));
      }
      for (; from < fanIn; from += 1) addOne(plane, before[from], weight(from));
      planes.push(plane);
    }
    return planes;
  }

  // Planes of logits as one a class: those of a single logit are 0 and it.
  ofClasses(logits) {
    return this.outputs === 'one_logit' ? [new Float64Array(logits[0].length), logits[0]] : logits;
  }
}

function addOne(plane, source, weight) {
  for (let i = 0; i < plane.length; i += 1) plane[i] += weight * source[i];
}

// Four at once: most of the time goes into reading and writing the plane.
function addFour(plane, before, from, w0, w1, w2, w3) {
  const [a, b, c, d] = [before[from], before[from + 1], before[from + 2], before[from + 3]];
  for (let i = 0; i < plane.length; i += 1) {
    plane[i] += w0 * a[i] + w1 * b[i] + w2 * c[i] + w3 * d[i];
  }
}

export function softmax(logits) {
  const length = logits[0].length;
  const planes = logits.map(() => new Float64Array(length));
  for (let i = 0; i < length; i += 1) {
    let most = -Infinity;
    let sum = 0;
    for (const plane of logits) if (plane[i] > most) most = plane[i];
    for (let c = 0; c < logits.length; c += 1) {
      planes[c][i] = Math.exp(logits[c][i] - most);
      sum += planes[c][i];
    }
    for (const plane of planes) plane[i] /= sum;
  }
  return planes;
}

// What all members say: the mean of their probabilities, and of each its own class.
export function answersOf(network, members, inputs) {
  const every = members.map((parameters) =>
    softmax(network.ofClasses(network.values(parameters, inputs).at(-1))));
  const mean = every[0].map((_, c) => {
    const plane = new Float64Array(inputs[0].length);
    for (const one of every) for (let i = 0; i < plane.length; i += 1) plane[i] += one[c][i];
    for (let i = 0; i < plane.length; i += 1) plane[i] /= every.length;
    return plane;
  });
  return { mean, labels: every.map(labelsOf) };
}

// Planes whose largest is the class: linear where the network is, so that its edges stay straight.
export function scoresOf(network, members, inputs, values = null) {
  if (members.length === 1) {
    const logits = (values ?? network.values(members[0], inputs)).at(-1);
    return network.ofClasses(logits);
  }
  const { mean } = answersOf(network, members, inputs);
  for (const plane of mean) {
    for (let i = 0; i < plane.length; i += 1) plane[i] = Math.log(plane[i] + 1e-300);
  }
  return mean;
}

export function labelsOf(scores) {
  const labels = new Uint8Array(scores[0].length);
  for (let c = 1; c < scores.length; c += 1) {
    for (let i = 0; i < labels.length; i += 1) {
      if (scores[c][i] > scores[labels[i]][i]) labels[i] = c;
    }
  }
  return labels;
}
