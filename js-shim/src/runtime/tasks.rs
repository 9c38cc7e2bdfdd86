//! I/O under way: each task waits for one pollable at a time.

use std::cell::{Cell, RefCell};

use rquickjs::Ctx;

use crate::bindings::wasi::io::poll::{Pollable, poll};

use super::body::Reading;
use super::fetch::Subrequest;
use super::pipe::Pipe;
use super::sink::Writing;
use super::websocket::{Receiving, Sending};

/// Ids rise in the order of creation, in which ready tasks are served.
pub type TaskId = u32;

/// One operation that waits for I/O.
pub enum Task {
    Subrequest(Subrequest),
    Reading(Reading),
    Writing(Writing),
    Pipe(Pipe),
    Receiving(Receiving),
    Sending(Sending),
}

/// Whether a task has to wait again.
pub enum Progress {
    Again(Task),
    Done,
}

struct Entry {
    id: TaskId,
    /// `None` while the task makes progress.
    task: Option<Task>,
}

thread_local! {
    static NEXT_ID: Cell<TaskId> = const { Cell::new(0) };
    static ENTRIES: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// Adds a task; it makes progress when its pollable is ready.
pub fn spawn(task: Task) -> TaskId {
    let id = NEXT_ID.get();
    NEXT_ID.set(id + 1);
    let task = Some(task);
    ENTRIES.with_borrow_mut(|entries| entries.push(Entry { id, task }));
    id
}

/// Ends a task early. Dropping it closes its handles.
pub fn cancel(id: TaskId) {
    let entry = ENTRIES.with_borrow_mut(|entries| {
        let index = entries.iter().position(|entry| entry.id == id)?;
        Some(entries.remove(index))
    });
    // Dropped outside the borrow: promises it holds may free what cancels other tasks.
    drop(entry);
}

/// Ends all tasks.
pub fn cancel_all() {
    drop(ENTRIES.take());
}

/// Waits until tasks or the timer are ready: the tasks in the order of their creation, and whether the timer is.
/// `None` if there is nothing to wait for.
pub fn wait(timer: Option<&Pollable>) -> Option<(Vec<TaskId>, bool)> {
    ENTRIES.with_borrow(|entries| {
        let ids: Vec<TaskId> = waiting(entries).map(|(id, _)| id).collect();
        let pollables: Vec<&Pollable> = waiting(entries).map(|(_, task)| task.pollable()).chain(timer).collect();
        if pollables.is_empty() {
            return None;
        }
        let mut indexes = poll(&pollables);
        indexes.sort_unstable();
        let timer_is_ready = indexes.last() == Some(&(ids.len() as u32));
        let ready = indexes.iter().filter_map(|&index| ids.get(index as usize).copied()).collect();
        Some((ready, timer_is_ready))
    })
}

fn waiting(entries: &[Entry]) -> impl Iterator<Item = (TaskId, &Task)> {
    entries.iter().filter_map(|entry| Some((entry.id, entry.task.as_ref()?)))
}

/// Lets the task whose pollable is ready go on, unless it was cancelled meanwhile.
pub fn progress(ctx: &Ctx<'_>, id: TaskId) {
    let task = with_entry(id, |entry| entry.task.take()).flatten();
    let Some(task) = task else { return };
    match task.progress(ctx) {
        Progress::Done => cancel(id),
        Progress::Again(task) => {
            let mut task = Some(task);
            with_entry(id, |entry| entry.task = task.take());
            // Still here if it was cancelled while it made progress.
            drop(task);
        }
    }
}

fn with_entry<R>(id: TaskId, f: impl FnOnce(&mut Entry) -> R) -> Option<R> {
    ENTRIES.with_borrow_mut(|entries| entries.iter_mut().find(|entry| entry.id == id).map(f))
}

impl Task {
    fn pollable(&self) -> &Pollable {
        match self {
            Task::Subrequest(task) => &task.pollable,
            Task::Reading(task) => &task.reader.pollable,
            Task::Writing(task) => task.pollable(),
            Task::Pipe(task) => task.pollable(),
            Task::Receiving(task) => &task.pollable,
            Task::Sending(task) => &task.pollable,
        }
    }

    fn progress(self, ctx: &Ctx<'_>) -> Progress {
        match self {
            Task::Subrequest(task) => task.progress(ctx),
            Task::Reading(task) => task.progress(ctx),
            Task::Writing(task) => task.progress(ctx),
            Task::Pipe(task) => task.progress(ctx),
            Task::Receiving(task) => task.progress(ctx),
            Task::Sending(task) => task.progress(ctx),
        }
    }
}
