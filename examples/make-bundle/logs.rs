//! Container logs of all collected pods, a few of them large, streamed into the bundle.

use super::lines::Lines;
use super::random::hash;
use super::template::Template;
use super::{TOP, Zip};
use std::io::Write;
use zip::write::SimpleFileOptions;

/// Programs that write much.
const TALKATIVE: [(&str, u64); 6] = [
    ("longhorn-manager", 40),
    ("kube-apiserver", 30),
    ("instance-manager", 20),
    ("rancher", 20),
    ("virt-handler", 15),
    ("etcd", 10),
];

/// Writes a log for each pod outside of the users' namespace, of `bytes` together.
pub(crate) fn all(zip: &mut Zip, tree: &Template, bytes: u64) -> anyhow::Result<()> {
    let mut logs: Vec<(String, String, u64)> = Vec::new();
    for (path, file) in &tree.files {
        let parts: Vec<&str> = path.split('/').collect();
        let ["yamls", "namespaced", namespace, "v1", "pods.yaml"] = parts.as_slice() else {
            continue;
        };
        for item in file.items.iter().filter(|_| *namespace != "prod") {
            let field = |key: &str| item.split(key).nth(1).and_then(|rest| rest.lines().next());
            let (Some(pod), Some(host)) = (field("\n    name: "), field("\n    nodeName: ")) else {
                continue;
            };
            let container = field("\n      name: ").unwrap_or("main");
            let talks = TALKATIVE.iter().find(|(name, _)| pod.starts_with(name));
            let path = format!("logs/{namespace}/{pod}/{container}.log");
            logs.push((path, host.to_owned(), talks.map_or(1, |(_, weight)| *weight)));
        }
    }
    let weights: u64 = logs.iter().map(|(_, _, weight)| weight).sum();
    for (path, host, weight) in &logs {
        write(zip, path, host, bytes.saturating_mul(*weight) / weights.max(1))?;
    }
    Ok(())
}

/// Writes one log with all the bytes.
pub(crate) fn one(zip: &mut Zip, bytes: u64) -> anyhow::Result<()> {
    write(
        zip,
        "logs/longhorn-system/longhorn-manager-qxlwx/longhorn-manager.log",
        "host-1",
        bytes,
    )
}

fn write(zip: &mut Zip, path: &str, host: &str, bytes: u64) -> anyhow::Result<()> {
    zip.start_file(
        format!("{TOP}/{path}"),
        SimpleFileOptions::default().large_file(bytes > 3 << 30),
    )?;
    let mut lines = Lines::new(hash(path), host);
    let (mut block, mut left) = (String::new(), bytes);
    while left > 0 {
        block.clear();
        while block.len() < 1 << 16 && (block.len() as u64) < left {
            lines.container(path, &mut block);
        }
        zip.write_all(block.as_bytes())?;
        left = left.saturating_sub(block.len() as u64);
    }
    Ok(())
}
