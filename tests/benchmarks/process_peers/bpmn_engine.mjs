// Run the benchmark's processes on bpmn-engine, one saved state at a time, and time it here.
//
// Reads one JSON request a line and answers each with one line:
//   {"load": {name: {source, variables, steps}}}   keep the processes           -> true
//   {"parse": name, "count": n}                    read the file                -> [[cpu, wall]]
//   {"start": name, "count": n}                    begin, save                  -> [[cpu, wall]]
//   {"walk": name, "count": n}                     a mean step of a whole walk  -> [[cpu, wall]]
//   {"rework": name, "rounds": [n]}                go round, keep those states  -> [bytes]
//   {"round": n, "count": n}                       one more round from there    -> [[cpu, wall]]
// Times are milliseconds: of the whole process with its helper threads, and of the wall.

import { createInterface } from 'node:readline';
import { performance } from 'node:perf_hooks';

import { Engine } from 'bpmn-engine';
import BpmnModdle from 'bpmn-moddle';

const drawings = new Map();
const roundStates = new Map();

async function parse(source) {
  return new BpmnModdle().fromXML(source);
}

// The parsed file is kept, as the other two keep theirs.
async function start({ moddleContext, variables }) {
  const engine = new Engine({ name: 'bench', moddleContext, variables: { ...variables } });
  await engine.execute();
  return JSON.stringify(await engine.getState());
}

async function step(saved, writes) {
  const engine = new Engine().recover(JSON.parse(saved));
  const execution = await engine.resume();
  const [waiting] = execution.getPostponed();
  Object.assign(waiting.environment.variables, writes);
  waiting.signal();
  return JSON.stringify(await engine.getState());
}

async function walk(drawing) {
  let saved = await start(drawing);
  const spent = await timed(async () => {
    for (const writes of drawing.steps) saved = await step(saved, writes);
  });
  const [definition] = JSON.parse(saved).definitions;
  if (!definition.execution.completed) throw new Error('the walk did not reach the end');
  return spent.map((ms) => ms / drawing.steps.length);
}

async function timed(act) {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  await act();
  const used = process.cpuUsage(cpu);
  return [(used.user + used.system) / 1e3, performance.now() - wall];
}

async function repeat(count, act) {
  const spent = [];
  for (let n = 0; n < count; n++) spent.push(await act());
  return spent;
}

async function goRound(drawing, rounds) {
  let saved = await start(drawing);
  for (let round = 1; round <= Math.max(...rounds); round++) {
    saved = await step(saved, drawing.steps[0]);
    if (rounds.includes(round)) roundStates.set(round, { saved, writes: drawing.steps[0] });
  }
  return rounds.map((round) => Buffer.byteLength(roundStates.get(round).saved));
}

async function load(files) {
  for (const [name, file] of Object.entries(files)) {
    drawings.set(name, { ...file, moddleContext: await parse(file.source) });
  }
  return true;
}

async function answer(request) {
  const { count } = request;
  if (request.load) return load(request.load);
  if (request.rework) return goRound(drawings.get(request.rework), request.rounds);
  if (request.round) {
    const { saved, writes } = roundStates.get(request.round);
    return repeat(count, () => timed(() => step(saved, writes)));
  }
  if (request.parse) {
    const { source } = drawings.get(request.parse);
    return repeat(count, () => timed(() => parse(source)));
  }
  if (request.start) {
    const started = drawings.get(request.start);
    return repeat(count, () => timed(() => start(started)));
  }
  return repeat(count, () => walk(drawings.get(request.walk)));
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
