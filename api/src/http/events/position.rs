//! The id of an event: how far a stream has told, in each audit partition.
//!
//! Invariant: a stream that goes on behind an id tells what the first one would have told next, nothing twice.

use std::{collections::BTreeMap, fmt};

use crate::{limits::EVENT_ID_CHARS_MAX, views::Moment};

/// The last part of the id of `settled`.
const SETTLED: &str = "settled";

/// How far a stream has told. As text `partition:sequence:number` of each partition that told something, joined
/// by commas; behind all that an entry tells, `:number` is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Position {
    /// By audit partition.
    pub moments: BTreeMap<u32, Moment>,
    /// The end of the job was told.
    pub settled: bool,
}

impl Position {
    /// Reads what was told as an id; `None` when it is nothing of the kind.
    pub fn read(text: &str) -> Option<Position> {
        if text.len() > EVENT_ID_CHARS_MAX {
            return None;
        }
        let mut position = Position::default();
        for part in text.split(',') {
            if position.settled {
                return None;
            }
            if part == SETTLED {
                position.settled = true;
                continue;
            }
            let (partition, moment) = moment(part)?;
            if position.moments.insert(partition, moment).is_some() {
                return None;
            }
        }
        Some(position)
    }
}

fn moment(text: &str) -> Option<(u32, Moment)> {
    let mut parts = text.split(':');
    let partition = number(parts.next()?)?.try_into().ok()?;
    let sequence = number(parts.next()?)?;
    let number = match parts.next() {
        None => u16::MAX,
        Some(text) => number(text)?.try_into().ok()?,
    };
    parts.next().is_none().then_some((partition, Moment { sequence, number }))
}

/// Digits alone: no sign, no space.
fn number(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self
            .moments
            .iter()
            .map(|(partition, moment)| {
                let Moment { sequence, number } = moment;
                match *number {
                    u16::MAX => format!("{partition}:{sequence}"),
                    number => format!("{partition}:{sequence}:{number}"),
                }
            })
            .collect();
        if self.settled {
            parts.push(SETTLED.into());
        }
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in ["0:17:1", "0:17", "2:0:0,3:9223372036854775807", "1:2:3,settled", "settled"] {
            assert_eq!(Position::read(text).map(|p| p.to_string()).as_deref(), Some(text));
        }
        for bad in [
            "",
            "0",
            "0:",
            "a:1",
            "0:-1",
            "0:+1",
            "0:1:70000",
            "0:1:1:1",
            "0:1,0:2",
            "settled,0:1",
            "0:1,",
            "settled,settled",
        ] {
            assert_eq!(Position::read(bad), None, "{bad}");
        }
    }
}
