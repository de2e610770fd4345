/** Plays one step of a scenario and prints its line: ok or FAIL, seconds, name, and what it returned. Throws what the step threw. */
export async function step(name, work) {
  const from = performance.now();
  const seconds = () => ((performance.now() - from) / 1000).toFixed(2).padStart(6);
  try {
    const note = await work();
    console.log(`ok    ${seconds()} s  ${name}${note ? `: ${note}` : ''}`);
  } catch (error) {
    console.log(`FAIL  ${seconds()} s  ${name}: ${error.message.split('\n')[0]}`);
    throw error;
  }
}
