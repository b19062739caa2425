//! Which records were in work when the process died. A panic can be caught; an abort, a stack overflow or
//! the kernel's killer cannot, so the positions of a batch are on disk before it is computed.

use std::{collections::BTreeMap, fs, path::PathBuf};

use cns_schemas::Origin;

use crate::limits;

/// The records that were in work at earlier deaths, with how often.
///
/// The file is not synced: it has to survive the process, not the machine.
pub struct Suspects {
    path: Option<PathBuf>,
    deaths: BTreeMap<String, u32>,
}

impl Suspects {
    /// Reads what an earlier process left. Without a path nothing is remembered (simulations).
    pub fn load(path: Option<PathBuf>) -> Suspects {
        let text = path.as_ref().and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
        let deaths = text
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(deaths, origin)| Some((origin.to_owned(), deaths.parse::<u32>().ok()?)))
            .collect();
        Suspects { path, deaths }
    }

    /// How often the process died while it had this record in work.
    pub fn deaths(&self, origin: &Origin) -> u32 {
        if self.deaths.is_empty() {
            0
        } else {
            self.deaths.get(&origin.to_string()).copied().unwrap_or(0)
        }
    }

    /// Whether the record has to run alone, so that the next death tells.
    pub fn alone(&self, origin: &Origin) -> bool {
        self.deaths(origin) > 0
    }

    /// Whether the record has had its last chance.
    pub fn is_killer(&self, origin: &Origin) -> bool {
        self.deaths(origin) >= limits::DEATHS_MAX
    }

    /// Notes that these are in work now. A death from here on counts against each of them.
    pub fn begin<'a>(&self, in_work: impl Iterator<Item = &'a Origin>) {
        let Some(path) = &self.path else { return };
        let mut lines: BTreeMap<String, u32> = self.deaths.clone();
        for origin in in_work {
            *lines.entry(origin.to_string()).or_default() += 1;
        }
        let text: String =
            lines.iter().map(|(origin, deaths)| format!("{deaths} {origin}\n")).collect();
        if let Err(error) = fs::write(path, text) {
            tracing::warn!(path = %path.display(), %error, "Cannot note which records are in work.");
        }
    }

    /// Notes that these came through their computation.
    pub fn end<'a>(&mut self, passed: impl Iterator<Item = &'a Origin>) {
        if !self.deaths.is_empty() {
            for origin in passed {
                self.deaths.remove(&origin.to_string());
            }
        }
        let Some(path) = &self.path else { return };
        let text: String =
            self.deaths.iter().map(|(origin, deaths)| format!("{deaths} {origin}\n")).collect();
        if let Err(error) = fs::write(path, text) {
            tracing::warn!(path = %path.display(), %error, "Cannot note which records are done.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_deaths_make_a_killer_and_a_commit_clears_it() {
        let path = tempfile::tempdir().unwrap().keep().join("inflight");
        let at = |offset| Origin { topic: "documents".into(), partition: 0, offset };
        for deaths in 1..=3 {
            let suspects = Suspects::load(Some(path.clone()));
            assert_eq!(suspects.deaths(&at(7)), deaths - 1);
            suspects.begin([&at(7)].into_iter());
        }
        let mut suspects = Suspects::load(Some(path.clone()));
        assert!(suspects.is_killer(&at(7)) && !suspects.alone(&at(8)));
        suspects.end([&at(7)].into_iter());
        assert_eq!(Suspects::load(Some(path)).deaths(&at(7)), 0);
    }
}
