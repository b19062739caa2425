//! Waits until the views show what a caller wants to see.
//!
//! Invariant: what the views show at the deadline, or when they stop, is looked at before the waiting ends.
//! Every step of the views wakes every waiter, so each of them looks at most once in [`WAIT_LOOK_EVERY`].

use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{limits::WAIT_LOOK_EVERY, views::Progress};

/// How the waiting ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Waited<T> {
    /// The views show it.
    There(T),
    /// The views go no further.
    Stopped,
    /// The time is over.
    Late,
}

/// Looks whenever the views have moved, until the look gives something.
///
/// # Errors
/// Those of a look.
pub async fn wait<T, E, F>(
    mut progress: watch::Receiver<Progress>,
    deadline: Instant,
    mut look: impl FnMut() -> F,
) -> Result<Waited<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    loop {
        // Read before the look: what is folded later wakes again, and behind a stop there is nothing more.
        let stopped = progress.borrow_and_update().stopped.is_some();
        let looked = Instant::now();
        if let Some(seen) = look().await? {
            return Ok(Waited::There(seen));
        }
        if stopped {
            return Ok(Waited::Stopped);
        }
        if looked >= deadline {
            return Ok(Waited::Late);
        }
        // At the deadline there is one more look.
        match timeout_at(deadline, progress.changed()).await {
            Ok(Err(_)) => return Ok(Waited::Stopped),
            Ok(Ok(())) => sleep_until(deadline.min(looked + WAIT_LOOK_EVERY)).await,
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, convert::Infallible, future::ready, time::Duration};

    use super::*;

    /// As after so many folded entries.
    fn folded(entries: i64, stopped: Option<&str>) -> Progress {
        Progress {
            positions: [(0, entries)].into(),
            stopped: stopped.map(str::to_owned),
            ..Progress::default()
        }
    }

    fn never() -> std::future::Ready<Result<Option<()>, Infallible>> {
        ready(Ok(None))
    }

    fn after(ms: u64) -> Instant {
        Instant::now() + Duration::from_millis(ms)
    }

    #[tokio::test]
    async fn many_steps_are_one_look() {
        let (sender, progress) = watch::channel(folded(0, None));
        let begun = Instant::now();
        let steps = async {
            for entries in 1..=300 {
                sender.send_replace(folded(entries, None));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let looks = Cell::new(0_u128);
        let wanted = || {
            looks.set(looks.get() + 1);
            ready(Ok::<_, Infallible>((sender.borrow().positions[&0] == 300).then_some(())))
        };
        let (waited, ()) = tokio::join!(wait(progress, after(60_000), wanted), steps);
        assert_eq!(waited, Ok(Waited::There(())));
        let most = begun.elapsed().as_millis() / WAIT_LOOK_EVERY.as_millis() + 2;
        assert!(looks.get() <= most, "{} looks; {most} at most", looks.get());
    }

    #[tokio::test]
    async fn a_last_step_between_two_looks_is_seen() {
        let (sender, progress) = watch::channel(folded(0, None));
        let seen = || {
            let there = sender.borrow().positions[&0] == 2;
            ready(Ok::<_, Infallible>(there.then_some(())))
        };
        // The first step wakes; the last one comes while the waiter pauses, and the time ends in that pause.
        let steps = async {
            sender.send_replace(folded(1, None));
            tokio::time::sleep(WAIT_LOOK_EVERY / 4).await;
            sender.send_replace(folded(2, None));
        };
        let deadline = Instant::now() + WAIT_LOOK_EVERY / 2;
        let (waited, ()) = tokio::join!(wait(progress, deadline, seen), steps);
        assert_eq!(waited, Ok(Waited::There(())));
    }

    #[tokio::test]
    async fn waiting_ends_with_the_time_and_with_the_views() {
        let (sender, progress) = watch::channel(folded(0, None));
        assert_eq!(wait(progress.clone(), after(0), never).await, Ok(Waited::Late));
        assert_eq!(wait(progress.clone(), after(5), never).await, Ok(Waited::Late));
        let stopping = async { sender.send_replace(folded(1, Some("a broken entry"))) };
        let (waited, _) = tokio::join!(wait(progress.clone(), after(60_000), never), stopping);
        assert_eq!(waited, Ok(Waited::Stopped));
        sender.send_replace(folded(1, None));
        let ending = async { drop(sender) };
        let (waited, ()) = tokio::join!(wait(progress, after(60_000), never), ending);
        assert_eq!(waited, Ok(Waited::Stopped));
    }
}
