//! A door to the registry that can be shut, or hold whoever comes without a word.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What the door does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Open,
    /// Nobody gets in, and nothing comes through.
    Shut,
    /// Everybody gets in, and nobody gets an answer.
    Silent,
}

/// See the module.
pub struct Proxy {
    address: SocketAddr,
    path: String,
    door: Arc<Mutex<Door>>,
}

impl Proxy {
    /// A door to an URL of the form `http://host:port/path`.
    pub fn start(url: &str) -> Proxy {
        let rest = url.strip_prefix("http://").unwrap();
        let (target, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (target, path) = (target.to_owned(), path.to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let door = Arc::new(Mutex::new(Door::Open));
        let at = door.clone();
        thread::spawn(move || {
            let mut kept = Vec::new();
            for caller in listener.incoming() {
                let caller = caller.unwrap();
                let door = *at.lock().unwrap();
                match door {
                    Door::Shut => {}
                    Door::Silent => kept.push(caller),
                    Door::Open => {
                        let there = TcpStream::connect(&target).unwrap();
                        pipe(caller.try_clone().unwrap(), there.try_clone().unwrap(), at.clone());
                        pipe(there, caller, at.clone());
                    }
                }
            }
        });
        Proxy { address, path, door }
    }

    pub fn url(&self) -> String {
        format!("http://{}/{}", self.address, self.path)
    }

    /// From now on the door does this.
    pub fn set(&self, door: Door) {
        *self.door.lock().unwrap() = door;
    }
}

fn pipe(mut from: TcpStream, mut to: TcpStream, door: Arc<Mutex<Door>>) {
    thread::spawn(move || {
        let mut bytes = [0; 8192];
        loop {
            let read = io::Read::read(&mut from, &mut bytes).unwrap_or(0);
            let door = *door.lock().unwrap();
            if read == 0 || door == Door::Shut {
                drop(to.shutdown(std::net::Shutdown::Both));
                return;
            }
            if door == Door::Open && io::Write::write_all(&mut to, &bytes[..read]).is_err() {
                return;
            }
        }
    });
}
