import { randomUUID } from 'node:crypto';
import type { Child } from 'hono/jsx';
import { ClaimstampError, refusal, traceOf } from '../platform/error.ts';
import { nameOf } from '../http/auth.ts';
import { MAKE } from '../../words/console/make.ts';
import { Act, path } from './parts.tsx';
import { Why, type Pages, type PageContext } from './pages.tsx';

/*
 * Work that takes many requests, such as a roll of 10,000 labels. The service does the work, so it continues even if
 * the browser is closed, and the page shows the progress. Each request uses the permissions of the person. If the
 * person loses them, the work ends. After a failure, the work can be resumed at the point where it stopped.
 */

/** The work of a task, and how the page describes it. */
export interface Work {
  /** Does the remaining work, and returns what the page shows when the work is complete. */
  run: (
    page: PageContext,
    moved: (done: number, total?: number, trouble?: string) => void,
  ) => Promise<(page: PageContext) => Child>;
  title: string;
  /** Absent if the number of steps is not known. */
  total?: number;
}

interface Task extends Work {
  id: string;
  by: string;
  at: number;
  done: number;
  state: 'running' | 'failed' | 'done';
  error?: ClaimstampError;
  /** The problem that the work is waiting for, such as a printer without paper. */
  trouble?: string;
  show?: (page: PageContext) => Child;
}

export interface Tasks {
  start: (page: PageContext, work: Work) => Child;
}

/** Tasks are kept for an hour, so that a person can see the result later. */
const KEPT_MS = 60 * 60 * 1000;
/**
 * The maximum number of tasks that are kept. People start fewer tasks than this in an hour. The oldest task is removed
 * first.
 */
const MAX_TASKS = 100;

export function openTasks(pages: Pages): Tasks {
  const { now, log } = pages.services;
  const tasks = new Map<string, Task>();
  const taskOf = (page: PageContext): Task => {
    const task = tasks.get(page.param('id'));
    if (task === undefined || task.by !== nameOf(page.who)) throw refusal('not-found', 'task');
    return task;
  };
  const run = async (page: PageContext, task: Task): Promise<void> => {
    task.state = 'running';
    delete task.error;
    try {
      task.show = await task.run(page, (done, total = task.total, trouble) =>
        Object.assign(task, { done, total, trouble }),
      );
      task.state = 'done';
    } catch (error) {
      if (!(error instanceof ClaimstampError)) log.error({ detail: traceOf(error) }, 'a task of the console failed');
      task.error = error instanceof ClaimstampError ? error : refusal('busy', 'task');
      task.state = 'failed';
    }
  };
  pages.page('/tasks/:id', 'units:read', async (page) => {
    const task = taskOf(page);
    return { title: task.title, body: <Shown page={page} task={task} /> };
  });
  pages.part('/tasks/:id/now', 'units:read', async (page) => <Now page={page} task={taskOf(page)} />);
  pages.act('/tasks/:id/resume', 'units:read', async (page) => {
    const task = taskOf(page);
    if (task.state === 'failed') void run(page, task);
    return <Now page={page} task={task} />;
  });
  return {
    start(page, work) {
      for (const [id, { at, state }] of tasks)
        if (state !== 'running' && (now() - at > KEPT_MS || tasks.size >= MAX_TASKS)) tasks.delete(id);
      const task: Task = { ...work, id: randomUUID(), by: nameOf(page.who), at: now(), done: 0, state: 'running' };
      tasks.set(task.id, task);
      void run(page, task);
      page.c.header('hx-redirect', path('tasks', task.id));
      return <Now page={page} task={task} />;
    },
  };
}

function Shown({ page, task }: { page: PageContext; task: Task }) {
  return (
    <>
      <h1>{task.title}</h1>
      <Now page={page} task={task} />
    </>
  );
}

function Now({ page, task }: { page: PageContext; task: Task }) {
  const { id, state, done, total, error, trouble, show } = task;
  const { say } = page;
  const asks = { 'hx-get': path('tasks', id, 'now'), 'hx-trigger': 'every 700ms', 'hx-swap': 'outerHTML' };
  return (
    <section id="task" role="status" {...(state === 'running' ? asks : {})}>
      {state === 'done' ? null : (
        <label class="progress">
          {total === undefined ? say(MAKE, 'works') : say(MAKE, 'progress', { done, total })}
          <progress {...(total === undefined ? {} : { max: total, value: done })}></progress>
        </label>
      )}
      {state === 'running' && trouble !== undefined ? <p class="bad">{trouble}</p> : null}
      {error === undefined ? null : (
        <>
          <p class="refused">
            <Why page={page} error={error} />
          </p>
          <Act page={page} action={path('tasks', id, 'resume')} into="task">
            <button class="btn btn-primary">{say(MAKE, 'resume')}</button>
          </Act>
        </>
      )}
      {state === 'running' ? (
        <noscript>
          <a href={path('tasks', id)}>{say(MAKE, 'look')}</a>
        </noscript>
      ) : null}
      {show?.(page)}
    </section>
  );
}
