// A player that is told what to show by Python.
const player = new Player();
watch('value', () => player.receive(props.value));
player.receive(props.value);
