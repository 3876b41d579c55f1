//! A real HTTP server on this machine that can cut off, lie and refuse.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server answers.
pub(super) enum Reply {
    /// The file, with ranges.
    File(Vec<u8>),
    /// The file at this path, 404 elsewhere.
    OnlyAt(String, Vec<u8>),
    /// The file, never a part of it.
    NoRanges(Vec<u8>),
    /// It promises the rest of the file and closes after some bytes.
    Piecewise { file: Vec<u8>, piece: usize, ranges: bool },
    /// A status and no file.
    Status(u16),
    /// Bytes without end.
    Endless,
    /// It promises this length.
    Huge(u64),
}

#[derive(Default)]
struct Seen {
    paths: Vec<String>,
    ranges: Vec<Option<String>>,
}

/// The server; its thread ends when a connection finds it dropped.
pub(super) struct Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    is_closed: Arc<std::sync::atomic::AtomicBool>,
}

impl Server {
    pub(super) fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::<Mutex<Seen>>::default();
        let is_closed = Arc::<std::sync::atomic::AtomicBool>::default();
        let (theirs, closed) = (Arc::clone(&seen), Arc::clone(&is_closed));
        let serve = move || {
            for connection in listener.incoming() {
                if closed.load(std::sync::atomic::Ordering::Acquire) {
                    return;
                }
                // The other side may be gone: that is what these tests are about.
                let _ = answer(connection.unwrap(), &reply, &theirs);
            }
        };
        std::thread::Builder::new().name("test-server".to_owned()).spawn(serve).unwrap();
        Self { port, seen, is_closed }
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The paths asked for, in order.
    pub(super) fn paths(&self) -> Vec<String> {
        self.seen.lock().unwrap().paths.clone()
    }

    /// The ranges asked for, in order.
    pub(super) fn ranges(&self) -> Vec<Option<String>> {
        self.seen.lock().unwrap().ranges.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_closed.store(true, std::sync::atomic::Ordering::Release);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn answer(mut connection: TcpStream, reply: &Reply, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut range = None;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("range:") {
            range = Some(value.trim().to_owned());
        }
    }
    {
        let mut seen = seen.lock().unwrap();
        seen.paths.push(path.clone());
        seen.ranges.push(range.clone());
    }
    let start: usize = range
        .as_deref()
        .and_then(|range| range.strip_prefix("bytes="))
        .and_then(|range| range.strip_suffix('-'))
        .map_or(0, |start| start.parse().unwrap());
    match reply {
        Reply::File(file) => send(&mut connection, file, start, usize::MAX),
        Reply::OnlyAt(at, file) if *at == path => send(&mut connection, file, start, usize::MAX),
        Reply::OnlyAt(..) => status(&mut connection, 404),
        Reply::NoRanges(file) => send(&mut connection, file, 0, usize::MAX),
        Reply::Piecewise { file, piece, ranges } => {
            send(&mut connection, file, if *ranges { start } else { 0 }, *piece)
        }
        Reply::Status(code) => status(&mut connection, *code),
        Reply::Endless => {
            connection.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                connection.write_all(&[1; 4096])?;
            }
        }
        Reply::Huge(len) => {
            write!(connection, "HTTP/1.1 200 OK\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n")?;
            connection.write_all(b"the beginning")
        }
    }
}

fn status(connection: &mut TcpStream, code: u16) -> std::io::Result<()> {
    write!(connection, "HTTP/1.1 {code} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// The file from `start`, of which at most `most` bytes are really sent.
fn send(connection: &mut TcpStream, file: &[u8], start: usize, most: usize) -> std::io::Result<()> {
    if start > 0 && start >= file.len() {
        return status(connection, 416);
    }
    let rest = &file[start..];
    let head = if start == 0 {
        "HTTP/1.1 200 OK".to_owned()
    } else {
        format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{}/{}",
            file.len() - 1,
            file.len()
        )
    };
    write!(connection, "{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", rest.len())?;
    connection.write_all(&rest[..most.min(rest.len())])?;
    connection.flush()
}
