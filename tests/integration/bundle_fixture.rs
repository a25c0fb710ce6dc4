//! Makes bundles for the tests: a small tree, and zips in which every field can be set wrong.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use gleaner_bundle::{Bundle, Limits, OpenError, Visited, Visitor, Want};
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use tempfile::TempDir;

/// A file to be packed, with what its headers shall say.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) name: Vec<u8>,
    pub(crate) data: Vec<u8>,
    pub(crate) deflate: bool,
    pub(crate) flags: u16,
    pub(crate) mode: u32,
    pub(crate) declared: Option<u32>,
    pub(crate) crc: Option<u32>,
    /// Another entry whose header this one claims as its own.
    pub(crate) same_place_as: Option<usize>,
}

pub(crate) fn file(name: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> File {
    File {
        name: name.as_ref().to_vec(),
        data: data.as_ref().to_vec(),
        deflate: true,
        flags: 0,
        mode: 0o100_644,
        declared: None,
        crc: None,
        same_place_as: None,
    }
}

/// Packs files the way Info-ZIP does: nested zips are stored.
pub(crate) fn zip(files: &[File]) -> Vec<u8> {
    split_zip(files, &[]).concat()
}

/// Packs files into a split zip whose disks end at the given offsets.
pub(crate) fn split_zip(files: &[File], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut out = if cuts.is_empty() {
        Vec::new()
    } else {
        b"PK\x07\x08".to_vec()
    };
    let disk = |at: usize| cuts.iter().filter(|cut| **cut <= at).count();
    let inside = |at: usize| at - cuts.iter().rev().find(|cut| **cut <= at).copied().unwrap_or(0);
    let mut directory = Vec::new();
    let mut starts = Vec::new();
    for file in files {
        let packed = if file.deflate {
            deflate(&file.data)
        } else {
            file.data.clone()
        };
        let common = common_fields(file, packed.len());
        let start = file.same_place_as.map_or(out.len(), |other| starts[other]);
        starts.push(start);
        if file.same_place_as.is_none() {
            out.extend(b"PK\x03\x04");
            out.extend(&common);
            out.extend(&file.name);
            out.extend(&packed);
        }
        directory.extend(b"PK\x01\x02");
        directory.extend([20, 3]);
        directory.extend(&common);
        directory.extend([0; 2]);
        directory.extend((disk(start) as u16).to_le_bytes());
        directory.extend([0; 2]);
        directory.extend((file.mode << 16).to_le_bytes());
        directory.extend((inside(start) as u32).to_le_bytes());
        directory.extend(&file.name);
    }
    let start = out.len();
    out.extend(&directory);
    let here = disk(out.len()) as u16;
    out.extend(b"PK\x05\x06");
    out.extend(here.to_le_bytes());
    out.extend((disk(start) as u16).to_le_bytes());
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend((inside(start) as u32).to_le_bytes());
    out.extend([0; 2]);
    let mut parts = Vec::new();
    let mut from = 0;
    for cut in cuts.iter().copied().chain([out.len()]) {
        parts.push(out[from..cut].to_vec());
        from = cut;
    }
    parts
}

/// The fields that local and central headers share.
fn common_fields(file: &File, packed: usize) -> Vec<u8> {
    let size = file.declared.unwrap_or(file.data.len() as u32);
    let mut fields = Vec::new();
    fields.extend(20_u16.to_le_bytes());
    fields.extend(file.flags.to_le_bytes());
    fields.extend(if file.deflate { 8_u16 } else { 0 }.to_le_bytes());
    fields.extend([0; 4]);
    fields.extend(file.crc.unwrap_or_else(|| crc(&file.data)).to_le_bytes());
    fields.extend((packed as u32).to_le_bytes());
    fields.extend(size.to_le_bytes());
    fields.extend((file.name.len() as u16).to_le_bytes());
    fields.extend(0_u16.to_le_bytes());
    fields
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn crc(data: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    crc.sum()
}

pub(crate) fn tar(files: &[File]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.data.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        let name = std::str::from_utf8(&file.name).unwrap();
        builder.append_data(&mut header, name, file.data.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn xz(data: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Bytes that do not compress.
pub(crate) fn noise() -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..300_000).map(|_| next()).collect()
}

/// The archive of a node, with a supportconfig in it.
pub(crate) fn node(name: &str) -> Vec<u8> {
    let long = format!("scc_{name}/{}/deep.txt", "long".repeat(30));
    let scc = tar(&[
        file(format!("scc_{name}/basic-environment.txt"), "SLE Micro"),
        file(long, "deep"),
    ]);
    zip(&[
        file(format!("{name}/"), ""),
        file(
            format!("{name}/logs/kernel.log"),
            format!("{name} booted\n").repeat(1000),
        ),
        file(format!("{name}/scc/scc_{name}.txz"), xz(&scc)),
    ])
}

/// The files of a small bundle below `top`, which is empty or ends in `/`.
pub(crate) fn tree(top: &str) -> Vec<File> {
    let mut node = file(format!("{top}nodes/host-1.zip"), node("host-1"));
    node.deflate = false;
    vec![
        file(format!("{top}metadata.yaml"), "bundlename: x\n"),
        file(format!("{top}yamls/cluster/v1/nodes.yaml"), "items: []\n".repeat(500)),
        file(
            format!("{top}logs/harvester-system/pod-1/c.log"),
            "hello\n".repeat(5000),
        ),
        node,
        file(format!("{top}nodes/host-2.zip"), self::node("host-2")),
    ]
}

/// What [`tree`] reads as, however it is packed.
pub(crate) const TREE: [&str; 13] = [
    "logs/harvester-system/pod-1/c.log",
    "metadata.yaml",
    "nodes/host-1.zip",
    "nodes/host-1.zip!logs/kernel.log",
    "nodes/host-1.zip!scc/scc_host-1.txz",
    "nodes/host-1.zip!scc/scc_host-1.txz!basic-environment.txt",
    "nodes/host-1.zip!scc/scc_host-1.txz!longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong/deep.txt",
    "nodes/host-2.zip",
    "nodes/host-2.zip!logs/kernel.log",
    "nodes/host-2.zip!scc/scc_host-2.txz",
    "nodes/host-2.zip!scc/scc_host-2.txz!basic-environment.txt",
    "nodes/host-2.zip!scc/scc_host-2.txz!longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong/deep.txt",
    "yamls/cluster/v1/nodes.yaml",
];

/// A folder with files to open.
pub(crate) struct Place(pub(crate) TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(crate::shared::folder())
    }

    pub(crate) fn write(&self, name: &str, data: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, data).unwrap();
        path
    }

    /// Packs files and reads them back.
    pub(crate) fn read_zip(&self, files: &[File]) -> Outcome {
        read(&[self.write("bundle.zip", zip(files))])
    }
}

/// Keeps everything it is given.
#[derive(Default)]
pub(crate) struct Keeper {
    pub(crate) files: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Visitor for Keeper {
    fn want(&self, path: &str, _: u64) -> Want {
        match path.rsplit('.').next() {
            Some("zip" | "txz" | "tgz") => Want::Enter,
            Some("log") => Want::Stream,
            Some("skip") => Want::Skip,
            _ => Want::Bytes,
        }
    }

    fn bytes(&self, path: &str, data: Vec<u8>) {
        assert!(
            self.files.lock().unwrap().insert(path.to_owned(), data).is_none(),
            "{path} came twice"
        );
    }

    fn stream(&self, path: &str, reader: &mut dyn BufRead) {
        let mut data = Vec::new();
        if reader.read_to_end(&mut data).is_ok() {
            self.bytes(path, data);
        }
    }
}

/// What came out of a visit.
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) visited: Visited,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Outcome {
    /// The content of a file that was handed over.
    pub(crate) fn text(&self, path: &str) -> &str {
        std::str::from_utf8(&self.files[path]).unwrap()
    }

    /// Problems as `path: kind: what`.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.visited
            .problems
            .iter()
            .map(|p| format!("{}: {}: {}", p.path, p.kind.as_str(), p.what))
            .collect()
    }
}

pub(crate) fn read(inputs: &[PathBuf]) -> Outcome {
    read_limited(inputs, Limits::default())
}

pub(crate) fn read_limited(inputs: &[PathBuf], limits: Limits) -> Outcome {
    let bundle = Bundle::open(inputs, limits).unwrap_or_else(|error| panic!("{error}"));
    let keeper = Keeper::default();
    let visited = bundle.visit(&keeper).unwrap();
    Outcome {
        name: bundle.name().to_owned(),
        visited,
        files: keeper.files.into_inner().unwrap(),
    }
}

pub(crate) fn refusal(inputs: &[PathBuf]) -> String {
    Bundle::open(inputs, Limits::default())
        .err()
        .map(|error: OpenError| error.to_string())
        .unwrap_or_default()
}
