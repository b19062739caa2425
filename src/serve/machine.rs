//! What `/metrics` tells of the process and its machine: memory, disk, stores, build.

use std::{fs, path::Path, path::PathBuf, time::SystemTime};

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge, info::Info},
    registry::{Registry, Unit},
};

/// Gauges that are set when somebody looks.
#[derive(Clone)]
pub struct Machine {
    state: PathBuf,
    resident: Gauge,
    files: Gauge,
    free: Gauge,
    stores: Family<[(&'static str, String); 1], Gauge>,
}

impl Machine {
    /// Registers them; `config_hash` names the settings that decisions depend on.
    pub fn register(registry: &mut Registry, state: &Path, config_hash: &str) -> Machine {
        let machine = Machine {
            state: state.to_owned(),
            resident: Gauge::default(),
            files: Gauge::default(),
            free: Gauge::default(),
            stores: Family::default(),
        };
        let bytes = || Unit::Bytes;
        let build =
            vec![("version", env!("CARGO_PKG_VERSION").to_owned()), ("config", config_hash.into())];
        registry.register(
            "cns_build",
            "The version, and the hash of the settings",
            Info::new(build),
        );
        registry.register_with_unit(
            "cns_process_resident",
            "Memory of the process that is in RAM",
            bytes(),
            machine.resident.clone(),
        );
        registry.register(
            "cns_process_open_files",
            "Files and sockets that the process has open",
            machine.files.clone(),
        );
        registry.register_with_unit(
            "cns_disk_free",
            "What is free on the disk of the state folder",
            bytes(),
            machine.free.clone(),
        );
        registry.register_with_unit(
            "cns_store",
            "Files of each store in the state folder",
            bytes(),
            machine.stores.clone(),
        );
        let started: Gauge = Gauge::default();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        started.set(i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
        registry.register_with_unit(
            "cns_process_start_time",
            "When the process started, since 1970",
            Unit::Seconds,
            started,
        );
        machine.look();
        machine
    }

    /// Brings them up to date. What the system does not tell stays as it was.
    pub fn look(&self) {
        if let Some(bytes) = resident_bytes() {
            self.resident.set(bytes);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            self.files.set(files.count() as i64);
        }
        if let Ok(free) = fs4::available_space(&self.state) {
            self.free.set(i64::try_from(free).unwrap_or(i64::MAX));
        }
        for entry in fs::read_dir(&self.state).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                let name = entry.file_name().to_string_lossy().into_owned();
                self.stores.get_or_create(&[("store", name)]).set(bytes_in(&entry.path()) as i64);
            }
        }
    }
}

/// Linux tells it; elsewhere there is nothing to show.
fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<i64>().ok()? * 1024)
}

/// Files come and go while they are counted; those that are gone count nothing.
fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_in(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    bytes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_store_are_those_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("log/deeper")).unwrap();
        fs::write(folder.path().join("log/a"), [0; 10]).unwrap();
        fs::write(folder.path().join("log/deeper/b"), [0; 5]).unwrap();
        fs::write(folder.path().join("beside"), [0; 100]).unwrap();
        let mut registry = Registry::default();
        let machine = Machine::register(&mut registry, folder.path(), "h");
        let store = machine.stores.get_or_create(&[("store", "log".into())]).get();
        assert_eq!(store, 15);
        assert!(machine.free.get() > 0 && machine.resident.get() > 1 << 20);
    }
}
