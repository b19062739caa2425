//! Asks models in batches on all cores. The order of the results is that of what was asked.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use cns_processors::models::ModelError;

use crate::{
    failure::{Code, Failure},
    progress::Progress,
};

/// What takes longer shows how far it is.
const QUIET_FOR: Duration = Duration::from_secs(2);

/// Computes `items` in batches of `size`; each batch gives one result for each of its items.
pub fn in_batches<T: Sync, R: Send>(
    what: &str,
    items: &[T],
    size: usize,
    compute: impl Fn(&[T]) -> Result<Vec<R>, Failure> + Sync,
) -> Result<Vec<R>, Failure> {
    let batches: Vec<&[T]> = items.chunks(size.max(1)).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    let mut results: Vec<Vec<R>> = batches.iter().map(|_| Vec::new()).collect();
    thread::scope(|scope| {
        for _ in 0..cores.min(batches.len()) {
            let (send, next, batches, compute) = (send.clone(), &next, &batches, &compute);
            scope.spawn(move || {
                while let Some((place, batch)) = take(next, batches) {
                    // Nobody listens any more when another batch has failed.
                    if send.send((place, compute(batch))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut waiting = Waiting::new(what, items.len());
        for (place, result) in receive {
            let result = result?;
            waiting.done(result.len());
            results[place] = result;
        }
        Ok::<(), Failure>(())
    })?;
    Ok(results.into_iter().flatten().collect())
}

fn take<'b, T>(next: &AtomicUsize, batches: &[&'b [T]]) -> Option<(usize, &'b [T])> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    Some((place, *batches.get(place)?))
}

/// What a model answered, if it is one result for each of the inputs.
pub fn answered<R>(
    model: &str,
    answer: Result<Vec<R>, ModelError>,
    inputs: usize,
) -> Result<Vec<R>, Failure> {
    let results = answer.map_err(|error| no_answer(model, &error))?;
    match results.len() {
        got if got == inputs => Ok(results),
        got => {
            let why = format!("{got} results for {inputs} inputs");
            Err(no_answer(model, &ModelError::Never(why)))
        }
    }
}

/// What a model that gives no answer means for a command.
pub fn no_answer(model: &str, error: &ModelError) -> Failure {
    let failure =
        Failure::new(Code::Dependency, format!("the model {model} gave no answer: {error}"));
    match error {
        ModelError::Later(_) => failure.hint("try it again"),
        ModelError::Never(_) => failure.hint("see that the model is in order"),
    }
}

/// Counts in silence first, then in sight.
struct Waiting<'w> {
    what: &'w str,
    total: usize,
    done: usize,
    since: Instant,
    shown: Option<Progress>,
}

impl<'w> Waiting<'w> {
    fn new(what: &'w str, total: usize) -> Waiting<'w> {
        Waiting { what, total, done: 0, since: Instant::now(), shown: None }
    }

    fn done(&mut self, more: usize) {
        self.done += more;
        let mut steps = more;
        if self.shown.is_none() && self.since.elapsed() >= QUIET_FOR {
            self.shown = Some(Progress::start(self.what.to_owned(), Some(self.total as u64)));
            steps = self.done;
        }
        if let Some(progress) = &mut self.shown {
            (0..steps).for_each(|_| progress.step(""));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order() {
        let items: Vec<u64> = (0..100).collect();
        let slow_first = |batch: &[u64]| {
            thread::sleep(Duration::from_millis(if batch[0] == 0 { 20 } else { 0 }));
            Ok(batch.iter().map(|x| x * 2).collect())
        };
        let wanted: Vec<u64> = items.iter().map(|x| x * 2).collect();
        assert_eq!(in_batches("", &items, 7, slow_first), Ok(wanted));
        assert_eq!(in_batches("", &[] as &[u64], 7, |batch| Ok(batch.to_vec())), Ok(vec![]));
    }

    #[test]
    fn a_model_that_answers_too_little_has_not_answered() {
        assert_eq!(answered("m", Ok(vec![1, 2]), 2), Ok(vec![1, 2]));
        let failure = answered("m", Ok(vec![1]), 2).unwrap_err();
        assert!(failure.message.contains("1 results for 2 inputs"), "{failure}");
        let failure = answered::<u8>("m", Err(ModelError::Later("busy".into())), 2).unwrap_err();
        assert_eq!((failure.code, failure.hint), (Code::Dependency, Some("try it again".into())));
    }

    #[test]
    fn a_failure_ends_it() {
        let fails = |batch: &[u64]| match batch {
            [3] => Err(Failure::new(Code::Dependency, "three")),
            _ => Ok(batch.to_vec()),
        };
        let failure = in_batches("", &[1, 2, 3, 4], 1, fails).unwrap_err();
        assert_eq!(failure.message, "three");
    }
}
