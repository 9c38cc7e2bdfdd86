//! `wasi:io/poll`: what is ready, and when.

use super::Io;
use crate::recording::Event;
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::HostMonotonicClock;
use wasmtime_wasi_io::bindings::wasi::io::poll;
use wasmtime_wasi_io::poll::DynPollable;

impl poll::Host for Io<'_> {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
        match self.tape.given("poll")? {
            Some(Event::Poll(ready)) => {
                for index in &ready {
                    if let Some(pollable) = pollables.get(*index as usize) {
                        self.arrive(pollable.rep()).await?;
                    }
                }
                return Ok(ready);
            }
            Some(event) => self.tape.differs("poll", &event)?,
            None => {}
        }
        if self.tape.player().is_some() {
            return self.poll_in_order(&pollables).await;
        }
        let reps: Vec<u32> = pollables.iter().map(Resource::rep).collect();
        let ready = poll::Host::poll(self.table, pollables).await?;
        self.clock.advance();
        *self.asked = ready.iter().filter_map(|index| reps.get(*index as usize).copied()).collect();
        self.tape.note(|| Event::Poll(ready.clone()));
        Ok(ready)
    }
}

impl Io<'_> {
    /// Playing: makes sure that what the recording says is there is there.
    async fn arrive(&mut self, rep: u32) -> Result<()> {
        let is_timer = self.tape.player().is_some_and(|player| player.due(rep).is_some());
        if is_timer {
            return Ok(());
        }
        poll::HostPollable::block(self.table, Resource::new_borrow(rep)).await
    }

    /// Playing without the recording's word on what is ready when: everything that can happen happens first, and only
    /// then does time pass, to the next timer. So the run is the same each time.
    async fn poll_in_order(&mut self, pollables: &[Resource<DynPollable>]) -> Result<Vec<u32>> {
        // Tasks that pass answers on run on this thread, and have nothing to wait for.
        for _ in 0..64 {
            tokio::task::yield_now().await;
        }
        let now = HostMonotonicClock::now(self.clock);
        let mut ready = Vec::new();
        let mut next: Option<u64> = None;
        for (index, pollable) in (0..).zip(pollables) {
            let due = self.tape.player().and_then(|player| player.due(pollable.rep()));
            match due {
                Some(due) if due <= now => ready.push(index),
                Some(due) => next = Some(next.map_or(due, |next| next.min(due))),
                None => {
                    if poll::HostPollable::ready(self.table, Resource::new_borrow(pollable.rep())).await? {
                        ready.push(index);
                    }
                }
            }
        }
        if !ready.is_empty() {
            if let Some(player) = self.tape.player() {
                player.pass_latency();
            }
            return Ok(ready);
        }
        let Some(next) = next else {
            wasmtime::bail!("the run waits for what the recording does not have");
        };
        self.clock.set_monotonic(next);
        let mut due = |pollable: &Resource<DynPollable>| self.tape.player()?.due(pollable.rep());
        let timers = (0..).zip(pollables).filter(|(_, pollable)| due(pollable).is_some_and(|due| due <= next));
        Ok(timers.map(|(index, _)| index).collect())
    }
}

impl poll::HostPollable for Io<'_> {
    async fn block(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        match self.tape.given("block")? {
            Some(Event::Block) => return self.arrive(pollable.rep()).await,
            Some(event) => self.tape.differs("block", &event)?,
            None => {}
        }
        if self.tape.player().is_some() {
            return self.poll_in_order(&[pollable]).await.map(|_| ());
        }
        let rep = pollable.rep();
        poll::HostPollable::block(self.table, pollable).await?;
        self.waited(Event::Block);
        *self.asked = vec![rep];
        Ok(())
    }

    async fn ready(&mut self, pollable: Resource<DynPollable>) -> Result<bool> {
        match self.tape.given("ready")? {
            Some(Event::Ready(ready)) => {
                if ready {
                    self.arrive(pollable.rep()).await?;
                }
                return Ok(ready);
            }
            Some(event) => self.tape.differs("ready", &event)?,
            None => {}
        }
        let now = HostMonotonicClock::now(self.clock);
        if let Some(due) = self.tape.player().and_then(|player| player.due(pollable.rep())) {
            return Ok(due <= now);
        }
        // What comes while the guest computes is seen when it waits: else its way, and so its fuel, would hang on a race. A
        // guest that asks again instead of waiting gets the true answer.
        let rep = pollable.rep();
        let ready = self.asked.contains(&rep) && poll::HostPollable::ready(self.table, pollable).await?;
        if !self.asked.contains(&rep) {
            self.asked.push(rep);
        }
        self.tape.note(|| Event::Ready(ready));
        Ok(ready)
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        if let Some(player) = self.tape.player() {
            player.forget(pollable.rep());
        }
        self.asked.retain(|rep| *rep != pollable.rep());
        poll::HostPollable::drop(self.table, pollable)
    }
}
