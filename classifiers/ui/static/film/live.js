// A player that is told what to show by Python.
import { Player } from './player.js';

export function start({ element, props, trigger, early }, settings) {
  const player = new Player(element, trigger, settings);
  for (const message of early.splice(0)) player.receive(message);
  return () => player.receive(props.value);
}
