//! The work itself, byte for byte that of the peer (`Workload.java`), and what a process tells of itself.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::{measure::cpu_seconds, number};

const ROW_BYTES: usize = 200;
const COPIED_BYTES: usize = 100;
const STARTED_AT: usize = COPIED_BYTES - 8;

/// So often the stage commits.
pub const COMMIT_EACH: Duration = Duration::from_millis(100);

/// When this process began, milliseconds since 1970; its outputs say so.
pub fn started_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    now.as_millis() as i64
}

/// The new row: how often it was written, the record's number, filler.
pub fn row(value: &[u8], old: Option<&[u8]>) -> Vec<u8> {
    let mut row = old.map_or_else(|| vec![0; ROW_BYTES], <[u8]>::to_vec);
    let written = u64::from_be_bytes(row[..8].try_into().expect("eight bytes"));
    row[..8].copy_from_slice(&(written + 1).to_be_bytes());
    row[8..16].copy_from_slice(&value[..8]);
    row[ROW_BYTES - 1] = value[value.len() - 1];
    row
}

/// The beginning of the value, when the process that wrote it was started, and the row.
pub fn output(value: &[u8], row: &[u8], started_ms: i64) -> Vec<u8> {
    let mut output = Vec::with_capacity(COPIED_BYTES + ROW_BYTES);
    output.extend_from_slice(&value[..STARTED_AT]);
    output.extend_from_slice(&started_ms.to_be_bytes());
    output.extend_from_slice(row);
    output
}

/// What a process had used at a moment.
#[derive(Clone, Copy)]
struct Moment {
    records: u64,
    at: Instant,
    cpu: f64,
}

/// Tells how far a process is, as the peer does: a line each second, the middle 80 % of the records, and the whole.
pub struct Watch {
    records: u64,
    begin: Option<Moment>,
    tenth: Option<Moment>,
    told_middle: bool,
    second: Moment,
    moved: Instant,
    done: u64,
}

const QUIET: Duration = Duration::from_secs(10);

impl Watch {
    pub fn new() -> Watch {
        let second = Moment { records: 0, at: Instant::now(), cpu: 0.0 };
        let records = number("RECORDS", 0);
        let moved = Instant::now();
        Watch { records, begin: None, tenth: None, told_middle: false, second, moved, done: 0 }
    }

    /// So many more are committed. Whether there is more to come.
    pub fn goes_on(&mut self, more: usize) -> bool {
        self.done += more as u64;
        if more > 0 || self.done == 0 {
            self.moved = Instant::now();
        }
        if more > 0 && self.begin.is_none() {
            self.begin = Some(self.now());
        }
        if self.tenth.is_none() && self.done >= self.records / 10 {
            self.tenth = Some(self.now());
        }
        if self.second.at.elapsed() >= Duration::from_secs(1) {
            let now = self.now();
            tell("second", &self.second, &now);
            self.second = now;
        }
        if !self.told_middle && self.done >= self.records / 10 * 9 {
            self.told_middle = true;
            tell("middle", &self.tenth.expect("a tenth comes first"), &self.now());
        }
        let over = self.done >= self.records || self.moved.elapsed() > QUIET;
        if over && let Some(begin) = &self.begin {
            tell("whole", begin, &self.now());
        }
        !over
    }

    fn now(&self) -> Moment {
        Moment { records: self.done, at: Instant::now(), cpu: cpu_seconds(std::process::id()) }
    }
}

fn tell(name: &str, from: &Moment, to: &Moment) {
    let records = to.records - from.records;
    let (wall, cpu) = ((to.at - from.at).as_secs_f64(), to.cpu - from.cpu);
    println!(
        "{{\"{name}\":{records},\"total\":{},\"wall_s\":{wall:.2},\"cpu_s\":{cpu:.2},\"per_wall_s\":{:.0},\
         \"per_cpu_s\":{:.0},\"peak_mib\":{}}}",
        to.records,
        records as f64 / wall,
        records as f64 / cpu,
        peak_mib()
    );
}

/// The most memory that this process ever held, as Linux counts it.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has /proc");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux tells it");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
