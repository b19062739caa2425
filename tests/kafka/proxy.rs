//! A door to the registry that can be shut.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// See the module.
pub struct Proxy {
    address: SocketAddr,
    path: String,
    open: Arc<AtomicBool>,
}

impl Proxy {
    /// A door to an URL of the form `http://host:port/path`.
    pub fn start(url: &str) -> Proxy {
        let rest = url.strip_prefix("http://").unwrap();
        let (target, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (target, path) = (target.to_owned(), path.to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let open = Arc::new(AtomicBool::new(true));
        let door = open.clone();
        thread::spawn(move || {
            for caller in listener.incoming() {
                if !door.load(Ordering::SeqCst) {
                    continue;
                }
                let (caller, there) = (caller.unwrap(), TcpStream::connect(&target).unwrap());
                pipe(caller.try_clone().unwrap(), there.try_clone().unwrap(), door.clone());
                pipe(there, caller, door.clone());
            }
        });
        Proxy { address, path, open }
    }

    pub fn url(&self) -> String {
        format!("http://{}/{}", self.address, self.path)
    }

    /// From now on nobody gets in, and nothing comes through.
    pub fn stop(&mut self) {
        self.open.store(false, Ordering::SeqCst);
    }

    pub fn resume(&mut self) {
        self.open.store(true, Ordering::SeqCst);
    }
}

fn pipe(mut from: TcpStream, mut to: TcpStream, open: Arc<AtomicBool>) {
    thread::spawn(move || {
        let mut bytes = [0; 8192];
        loop {
            let read = io::Read::read(&mut from, &mut bytes).unwrap_or(0);
            if read == 0 || !open.load(Ordering::SeqCst) {
                drop(to.shutdown(std::net::Shutdown::Both));
                return;
            }
            if io::Write::write_all(&mut to, &bytes[..read]).is_err() {
                return;
            }
        }
    });
}
