// A player of films that Python tells what to show.
import { Player } from './player.js';

export function start({ element, props, trigger, early }, settings) {
  const player = new Player(element, trigger, settings);
  for (const message of early.splice(0)) player.receive(message);
  return () => player.receive(props.value);
}
