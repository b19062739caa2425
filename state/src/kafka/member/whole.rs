//! Whether every partition of the inbox has an owner.
//!
//! A cooperative rebalance has two halves: one member gives partitions up and joins again, then another gets them. Dies
//! the first in between and comes back under its static name, the coordinator hands it the assignment of the first half
//! and sees no reason for a second: the partitions stay without an owner, for ever. So a member whose partitions have
//! changed looks until it has seen the group whole once, and where it stays broken, joins again under a new name, which is a reason.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use rdkafka::{
    consumer::Consumer,
    groups::{GroupInfo, GroupMemberInfo},
};

use super::KafkaMember;
use crate::{Error, kafka::KafkaOptions};

/// What is known of the group since partitions of this member came or went.
#[derive(Debug, Clone, Copy)]
pub enum Whole {
    /// It was seen whole, or somebody else looks to it.
    Seen,
    /// To be asked then; since when partitions have been without an owner while no rebalance was under way.
    Asked { next: Instant, broken: Option<Instant> },
}

const LOOK_EACH: Duration = Duration::from_secs(1);

impl Whole {
    /// After a change. With the consumer protocol the coordinator itself sees to it.
    pub fn unknown(options: &KafkaOptions) -> Whole {
        match options.consumer_protocol {
            true => Whole::Seen,
            false => Whole::Asked { next: Instant::now() + LOOK_EACH, broken: None },
        }
    }
}

impl KafkaMember {
    /// Looks from time to time.
    ///
    /// # Errors
    /// [`Error::Fenced`] when the member has to join again.
    pub(super) fn look_for_gaps(&mut self) -> Result<(), Error> {
        let Whole::Asked { next, broken } = self.whole else { return Ok(()) };
        let now = Instant::now();
        if now < next {
            return Ok(());
        }
        let without = self.without_owner();
        self.whole = match without {
            Some(0) => Whole::Seen,
            Some(_) => Whole::Asked { next: now + LOOK_EACH, broken: broken.or(Some(now)) },
            None => Whole::Asked { next: now + LOOK_EACH, broken: None },
        };
        let patience = self.log.inner.options.session_timeout;
        if without.is_some_and(|count| count > 0)
            && broken.is_some_and(|since| since.elapsed() > patience)
        {
            tracing::warn!(
                group = self.group,
                partitions = without,
                "Partitions have no owner; joining anew."
            );
            self.log.inner.take_another_name(&self.group);
            return Err(self.fenced());
        }
        Ok(())
    }

    /// How many partitions nobody owns; `None` while that cannot be said.
    fn without_owner(&self) -> Option<usize> {
        let group = self.log.inner.names.group(&self.group);
        let found = self.consumer.fetch_group_list(Some(&group), LOOK_EACH).ok()?;
        let stable: &GroupInfo = found.groups().iter().find(|found| found.state() == "Stable")?;
        let assigned = stable.members().iter().map(GroupMemberInfo::assignment);
        let owned: BTreeSet<u32> =
            assigned.flat_map(|bytes| partitions(bytes.unwrap_or_default(), &self.input)).collect();
        Some((self.log.inner.partitions[&self.inbox] as usize).saturating_sub(owned.len()))
    }
}

/// The partitions of a topic in an assignment of the consumer protocol: a version (2 bytes), then for each topic its
/// name (length in 2 bytes) and its partitions (4 bytes each), both lists with their length in 4 bytes.
fn partitions(assignment: &[u8], topic: &str) -> Vec<u32> {
    read(assignment, topic).unwrap_or_default()
}

fn read(bytes: &[u8], wanted: &str) -> Option<Vec<u32>> {
    let (_version, bytes) = bytes.split_first_chunk::<2>()?;
    let (topics, mut bytes) = bytes.split_first_chunk::<4>()?;
    let mut found = Vec::new();
    for _ in 0..u32::from_be_bytes(*topics) {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (name, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        let (count, mut rest) = rest.split_first_chunk::<4>()?;
        for _ in 0..u32::from_be_bytes(*count) {
            let (partition, after) = rest.split_first_chunk::<4>()?;
            if name == wanted.as_bytes() {
                found.push(u32::from_be_bytes(*partition));
            }
            rest = after;
        }
        bytes = rest;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_of_the_topic_alone_are_read_and_cut_off_bytes_are_none() {
        let assignment = [
            &[0, 1, 0, 0, 0, 2][..],
            &[0, 1, b'a', 0, 0, 0, 1, 0, 0, 0, 9],
            &[0, 2, b'i', b'n', 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 1, 0],
            &[0, 0, 0, 0],
        ];
        let assignment = assignment.concat();
        assert_eq!(partitions(&assignment, "in"), [3, 256]);
        assert_eq!(partitions(&assignment, "b"), [0_u32; 0]);
        for end in 0..assignment.len() - 4 {
            assert_eq!(partitions(&assignment[..end], "in"), [0_u32; 0]);
        }
    }
}
