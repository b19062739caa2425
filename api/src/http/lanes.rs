//! What has to happen one after another: requests that name the same thing take turns.
//!
//! Invariant: a turn is waited for without a thread, so those that wait for one keep nobody else from working.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::limits::{LANE_REMEMBERED_MAX, LANES};

/// Turns by name, and what was done under a name that the views may not know yet.
pub struct Lanes(Vec<Arc<Mutex<Remembered>>>);

/// What was done in a lane.
#[derive(Default)]
pub struct Remembered {
    done: BTreeMap<String, String>,
    oldest_first: VecDeque<String>,
}

impl Lanes {
    /// None is taken.
    pub fn new() -> Lanes {
        Lanes((0..LANES).map(|_| Arc::default()).collect())
    }

    /// The turn of a name. Others of the name wait until it is dropped.
    pub async fn turn(&self, name: &str) -> OwnedMutexGuard<Remembered> {
        let sum: usize = name.bytes().map(usize::from).sum();
        self.0[sum % LANES].clone().lock_owned().await
    }
}

impl Remembered {
    /// What was done under a name.
    pub fn of(&self, name: &str) -> Option<&String> {
        self.done.get(name)
    }

    /// Remembers what was done, and forgets the oldest.
    pub fn keep(&mut self, name: &str, done: &str) {
        if self.done.insert(name.to_owned(), done.to_owned()).is_none() {
            self.oldest_first.push_back(name.to_owned());
        }
        if self.oldest_first.len() > LANE_REMEMBERED_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.done.remove(&oldest);
        }
    }
}
