//! Node archives: configuration as in the sample, journals, and a supportconfig in a real `.txz`.

use super::grow::Host;
use super::lines::Lines;
use super::random::hash;
use super::template::Template;
use liblzma::write::XzEncoder;
use rayon::prelude::*;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A node's archive.
pub(crate) struct Archive {
    pub(crate) node: String,
    pub(crate) bytes: Vec<u8>,
}

/// The journals of a node, and their part of its log bytes in percent.
const UNITS: [(&str, u64); 6] = [
    ("kernel", 15),
    ("rke2-server", 30),
    ("kubelet", 20),
    ("containerd", 20),
    ("rancher-system-agent", 10),
    ("iscsid", 5),
];

/// The files of a supportconfig, and their part of its bytes in percent.
const SUPPORTCONFIG: [(&str, u64); 13] = [
    ("basic-environment.txt", 1),
    ("basic-health-check.txt", 0),
    ("boot.txt", 12),
    ("fs-diskio.txt", 0),
    ("fs-smartmon.txt", 1),
    ("memory.txt", 1),
    ("messages.txt", 45),
    ("network.txt", 10),
    ("ntp.txt", 0),
    ("open-files.txt", 12),
    ("proc.txt", 8),
    ("security-audit.txt", 2),
    ("systemd.txt", 8),
];

/// The archives of the first `count` nodes.
pub(crate) fn archives(
    tree: &Template,
    hosts: &[Host],
    count: usize,
    logs: u64,
    supportconfig: u64,
) -> anyhow::Result<Vec<Archive>> {
    let hosts: Vec<&Host> = hosts.iter().take(count).collect();
    hosts
        .par_iter()
        .map(|host| archive(tree, host, logs, supportconfig))
        .collect()
}

fn archive(tree: &Template, host: &Host, logs: u64, supportconfig: u64) -> anyhow::Result<Archive> {
    let like = format!("nodes/host-{}/", host.like + 1);
    let (node, options) = (host.name.as_str(), SimpleFileOptions::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in &tree.others {
        let Some(inner) = path.strip_prefix(&like).filter(|inner| !inner.starts_with("logs/")) else {
            continue;
        };
        let text = String::from_utf8_lossy(bytes).replace(&format!("host-{}", host.like + 1), node);
        zip.start_file(format!("{node}/{inner}"), options)?;
        zip.write_all(text.as_bytes())?;
    }
    for (unit, part) in UNITS {
        zip.start_file(format!("{node}/logs/{unit}.log"), options)?;
        zip.write_all(journal(node, unit, logs * part / 100).as_bytes())?;
    }
    let stored = options.compression_method(CompressionMethod::Stored);
    zip.start_file(format!("{node}/scc/scc_supportconfig_{node}-250612.txz"), stored)?;
    zip.write_all(&packed_supportconfig(node, supportconfig)?)?;
    let bytes = zip.finish()?.into_inner();
    let node = host.name.clone();
    Ok(Archive { node, bytes })
}

fn journal(node: &str, unit: &str, bytes: u64) -> String {
    let mut lines = Lines::new(hash(&format!("{node} {unit}")), node);
    let mut text = String::new();
    while (text.len() as u64) < bytes {
        lines.journal(unit, &mut text);
    }
    text
}

fn packed_supportconfig(node: &str, bytes: u64) -> anyhow::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(XzEncoder::new(Vec::new(), 6));
    let disks = "#==[ Command ]======================================#\n# /usr/bin/df -h\nFilesystem      Size  Used Avail Use% Mounted on\n/dev/sda5       147G   42G   98G  31% /usr/local\n\n";
    let clocks = "#==[ Command ]======================================#\n# /usr/bin/timedatectl status\nSystem clock synchronized: yes\n              NTP service: active\n\n";
    let mut files = Vec::new();
    for (name, part) in SUPPORTCONFIG {
        let head = match name {
            "basic-health-check.txt" | "fs-diskio.txt" => disks,
            "ntp.txt" => clocks,
            _ => {
                "#==[ Log File ]=====================================#

"
            }
        };
        let text = format!("{head}{}", &journal(node, name, bytes * part / 100));
        files.push((name, text));
    }
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_749_716_000);
        tar.append_data(
            &mut header,
            format!("scc_supportconfig_{node}-250612/{name}"),
            text.as_bytes(),
        )?;
    }
    Ok(tar.into_inner()?.finish()?)
}
