//! How fast callers may ask. Each process counts for itself.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use quick_cache::sync::Cache;

use crate::limits::ADDRESSES_PACED_MAX;

/// A rate, and what may come at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests that are let in for each second.
    pub requests_per_second: u32,
    /// Requests at once after a pause.
    pub burst: u32,
}

/// The pace of one caller.
pub struct Bucket {
    pub rate: Rate,
    limiter: DefaultDirectRateLimiter,
}

impl Bucket {
    /// A full one.
    pub fn new(rate: Rate) -> Bucket {
        let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        // The limiter counts in nanoseconds.
        let per_second = rate.requests_per_second.min(1_000_000_000);
        let quota = Quota::per_second(some(per_second)).allow_burst(some(rate.burst));
        Bucket { rate, limiter: RateLimiter::direct(quota) }
    }

    /// One request.
    ///
    /// # Errors
    /// In how many seconds the next one is let in.
    pub fn take(&self) -> Result<(), u32> {
        self.limiter.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            wait.as_secs_f64().ceil().max(1.0) as u32
        })
    }
}

/// The paces of callers by address. Invariant: it remembers a bounded number of them; one that is forgotten
/// begins with a full bucket.
pub struct Pace {
    rate: Rate,
    buckets: Cache<IpAddr, Arc<Bucket>>,
}

impl Pace {
    /// Nobody has asked yet.
    pub fn new(rate: Rate) -> Pace {
        Pace { rate, buckets: Cache::new(ADDRESSES_PACED_MAX) }
    }

    /// One request of an address.
    ///
    /// # Errors
    /// In how many seconds the next one is let in.
    pub fn take(&self, address: IpAddr) -> Result<(), u32> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::new(Bucket::new(self.rate)));
        match self.buckets.get_or_insert_with(&network(address), fresh) {
            Ok(bucket) => bucket.take(),
        }
    }
}

/// An IPv6 caller has a whole network of addresses, so that is what is counted.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lowest rate there is, so that no pause of this machine lets another one in.
    const SLOW: Rate = Rate { requests_per_second: 1, burst: 2 };

    fn refused(pace: &Pace, address: &str) -> bool {
        let address: IpAddr = address.parse().unwrap();
        (0..1000).any(|_| pace.take(address).is_err())
    }

    #[test]
    fn a_burst_is_let_in_and_the_rest_is_told_when() {
        let bucket = Bucket::new(SLOW);
        assert_eq!((bucket.take(), bucket.take()), (Ok(()), Ok(())));
        assert_eq!((0..1000).find_map(|_| bucket.take().err()), Some(1));
    }

    #[test]
    fn addresses_are_counted_for_themselves_and_networks_of_ipv6_together() {
        let pace = Pace::new(SLOW);
        assert!(refused(&pace, "192.0.2.1"));
        assert_eq!(pace.take("192.0.2.2".parse().unwrap()), Ok(()));
        assert!(refused(&pace, "2001:db8::1"));
        assert!(pace.take("2001:db8::2:1".parse().unwrap()).is_err());
        assert_eq!(pace.take("2001:db8:0:1::1".parse().unwrap()), Ok(()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let pace = Pace::new(SLOW);
        for number in 0..3 * ADDRESSES_PACED_MAX as u32 {
            let _ = pace.take(IpAddr::V4(number.into()));
        }
        assert!(pace.buckets.len() <= ADDRESSES_PACED_MAX, "{}", pace.buckets.len());
    }
}
