//! Archives that lie, overlap, nest, never end or name what they must not.

use super::{Case, case, good, with, with_files};
use crate::bundle_fixture::{file, gzip, node, tar, tree, xz, zip};
use flate2::Compression;
use std::io::Write;

/// All of them.
pub(super) fn cases() -> Vec<Case> {
    [bombs(), headers(), names(), tars(), nested()]
        .into_iter()
        .flatten()
        .collect()
}

fn zeros(megabytes: usize) -> Vec<u8> {
    vec![0; megabytes << 20]
}

fn bombs() -> Vec<Case> {
    let mut overlapping = vec![file("x/metadata.yaml", "bundlename: x\n")];
    for number in 0..50 {
        let mut copy = file(format!("x/yamls/cluster/v1/{number}.yaml"), "a: b\n");
        copy.same_place_as = Some(0);
        overlapping.push(copy);
    }
    let many = (0..6_000).map(|number| file(format!("x/logs/a/b/{number}.log"), ""));
    let big = (0..4).map(|number| {
        let path = format!("x/yamls/namespaced/ns-{number}/v1/pods.yaml");
        file(path, format!("#{}\n", "ab".repeat(20 << 20)).into_bytes())
    });
    let big: Vec<_> = big.collect();
    vec![
        case(
            "zip bomb of zeros",
            zip_best("x/", "x/yamls/cluster/v1/pods.yaml", &zeros(64)),
            "times its packed size",
        ),
        case(
            "zip bomb in a node archive",
            with(
                "nodes/bomb.zip",
                zip_best("bomb/", "bomb/configs/etc/hostname", &zeros(64)),
            ),
            "nodes/bomb.zip!configs/etc/hostname: it unpacks to",
        ),
        case("zip bomb, overlapping", zip(&overlapping), "overlaps another entry"),
        case("more files than allowed", zip(&with_files(many)), "the first 5000"),
        case(
            "more text than memory",
            zip(&with_files(big)),
            "the limit on memory is reached",
        ),
        case("gzip without end", gzip_of_zeros(), "the limit on bytes is reached"),
        case(
            "gzip in a supportconfig",
            with("nodes/n.zip", zip(&[file("n/scc/s.tgz", gzip_of_zeros())])),
            "nodes/n.zip!scc/s.tgz",
        ),
        case(
            "xz of zeros in a supportconfig",
            with("nodes/n.zip", zip(&[file("n/scc/s.txz", xz(&zeros(300)))])),
            "nodes/n.zip!scc/s.txz: it ends with",
        ),
        case(
            "xz with a huge dictionary",
            with("nodes/n.zip", zip(&[file("n/scc/s.txz", xz_with_dictionary())])),
            "nodes/n.zip!scc/s.txz",
        ),
        case(
            "xz cut off",
            with("nodes/n.zip", zip(&[file("n/scc/s.txz", half(&xz(&tar(&tree("s/")))))])),
            "nodes/n.zip!scc/s.txz",
        ),
        case(
            "xz with a broken middle",
            with(
                "nodes/n.zip",
                zip(&[file("n/scc/s.txz", broken(xz(&tar(&tree("s/")))))]),
            ),
            "nodes/n.zip!scc/s.txz",
        ),
    ]
}

fn headers() -> Vec<Case> {
    let lying = |declared: u32| {
        let mut lying = file("x/yamls/cluster/v1/pods.yaml", "a: b\n".repeat(1000));
        lying.declared = Some(declared);
        zip(&with_files([lying]))
    };
    let mut checksum = file("x/yamls/cluster/v1/pods.yaml", "a: b\n");
    checksum.crc = Some(7);
    let mut encrypted = file("x/yamls/cluster/v1/pods.yaml", "a: b\n");
    encrypted.flags = 1;
    let end = |change: &dyn Fn(&mut [u8])| {
        let mut bytes = zip(&good());
        let at = bytes.len() - 22;
        change(&mut bytes[at..]);
        bytes
    };
    vec![
        case("size declared too small", lying(10), "more than the 10 bytes"),
        case("size declared too large", lying(6_000), "bytes are missing"),
        case("size declared as four gigabytes", lying(0xffff_fffe), "pods.yaml"),
        case(
            "size left to a zip64 record that is not there",
            lying(0xffff_ffff),
            "pods.yaml",
        ),
        case(
            "wrong checksum",
            zip(&with_files([checksum])),
            "its checksum does not match",
        ),
        case("encrypted entry", zip(&with_files([encrypted])), "it is encrypted"),
        case(
            "more entries promised than there are",
            end(&|end| end[8..12].copy_from_slice(&[0xfe; 4])),
            "bundle.zip",
        ),
        case(
            "fewer entries promised than there are",
            end(&|end| end[8..12].copy_from_slice(&[1, 0, 1, 0])),
            "bundle.zip",
        ),
        case(
            "table of contents beyond the end",
            end(&|end| end[16..20].copy_from_slice(&[0xf0, 0xff, 0xff, 0x7f])),
            "bundle.zip",
        ),
        case(
            "table of contents at zip64's mark",
            end(&|end| end[16..20].copy_from_slice(&[0xff; 4])),
            "bundle.zip",
        ),
        case(
            "table of contents of zip64 that points at itself",
            zip64_loop(),
            "bundle.zip",
        ),
        case(
            "all zip64 marks, no zip64",
            end(&|end| end[8..20].copy_from_slice(&[0xff; 12])),
            "bundle.zip",
        ),
        case(
            "a disk of many",
            end(&|end| end[4..8].copy_from_slice(&[3, 0, 2, 0])),
            "parts",
        ),
        case("a comment that holds another end", commented(), ""),
        case(
            "nothing but the end",
            b"PK\x05\x06".iter().copied().chain([0; 18]).collect(),
            "not a support bundle",
        ),
    ]
}

fn names() -> Vec<Case> {
    let named = |name: &[u8]| zip(&with_files([file(name, "x")]));
    let long = format!("x/logs/{}.log", "a/".repeat(30_000));
    vec![
        case("name with NUL", named(b"x/logs/a\0b.log"), "control characters"),
        case(
            "name with a line break",
            named(b"x/logs/a\nb.log"),
            "control characters",
        ),
        case("name that is not UTF-8", named(b"x/logs/\xff\xfe.log"), "not UTF-8"),
        case(
            "name that leaves the bundle",
            named(b"x/../../etc/passwd"),
            "leaves the bundle",
        ),
        case("absolute name", named(b"/etc/passwd"), "absolute"),
        case("name of a drive", named(b"C:\\windows\\system.ini"), "C:"),
        case(
            "name of sixty thousand bytes",
            named(long.as_bytes()),
            "its name has 60011 bytes",
        ),
        case("two files of one name", named(b"x/metadata.yaml"), "duplicate path"),
    ]
}

fn tars() -> Vec<Case> {
    let special = |kind: tar::EntryType| {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        builder
            .append_link(&mut header, "x/logs/a/b/c.log", "/etc/passwd")
            .unwrap();
        let bytes = builder.into_inner().unwrap();
        [&bytes[..512], &tar(&good())].concat()
    };
    let mut negative = tar(&good());
    negative[124..136].copy_from_slice(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    let mut huge = tar(&good());
    huge[124..136].copy_from_slice(b"77777777777\0");
    vec![
        case(
            "tar with a symbolic link",
            special(tar::EntryType::Symlink),
            "a link or a device",
        ),
        case(
            "tar with a hard link",
            special(tar::EntryType::Link),
            "a link or a device",
        ),
        case(
            "tar with a device",
            special(tar::EntryType::Block),
            "a link or a device",
        ),
        case(
            "tar with a character device",
            special(tar::EntryType::Char),
            "a link or a device",
        ),
        case("tar with a pipe", special(tar::EntryType::Fifo), "a link or a device"),
        case("tar with a wrong checksum and a negative size", negative, "bundle.zip"),
        case("tar with a size beyond its end", huge, "bundle.zip"),
        case("tar cut in a header", tar(&good())[..700].to_vec(), "bundle.zip"),
        case(
            "compressed tar with a device",
            gzip(&special(tar::EntryType::Block)),
            "a link or a device",
        ),
    ]
}

fn nested() -> Vec<Case> {
    let mut deep = zip(&[file("logs/deep.log", "deep")]);
    for _ in 0..20 {
        deep = zip(&[file("n/configs/etc/hostname", "h"), file("n/scc/a.txz", deep)]);
    }
    let mut itself = node("n");
    itself.extend(node("n"));
    vec![
        case("archives in archives in archives", with("nodes/deep.zip", deep), ""),
        case(
            "node archive that is no archive",
            with("nodes/n.zip", "hello"),
            "nodes/n.zip",
        ),
        case("node archive that is empty", with("nodes/n.zip", ""), "nodes/n.zip"),
        case(
            "node archive cut off",
            with("nodes/n.zip", half(&node("n"))),
            "nodes/n.zip: the zip is truncated",
        ),
        case("two node archives in one", with("nodes/n.zip", itself), ""),
        case(
            "supportconfig that is a text",
            with("nodes/n.zip", zip(&[file("n/scc/s.txz", "hello")])),
            "scc/s.txz",
        ),
    ]
}

fn half(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

fn broken(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8].fill(0x55);
    bytes
}

/// Packs one file as well as deflate can.
fn zip_best(top: &str, name: &str, data: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_level(Some(9));
    writer.start_file(format!("{top}metadata.yaml"), options).unwrap();
    writer.write_all(b"bundlename: x\n").unwrap();
    writer.start_file(name, options).unwrap();
    writer.write_all(data).unwrap();
    writer.finish().unwrap().into_inner()
}

/// A tar of one file that goes on and on.
fn gzip_of_zeros() -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("x/yamls/cluster/v1/pods.yaml").unwrap();
    header.set_size(7 << 30);
    header.set_mode(0o644);
    header.set_cksum();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(&tar(&[file("x/metadata.yaml", "bundlename: x\n")])[..1024])
        .unwrap();
    encoder.write_all(header.as_bytes()).unwrap();
    for _ in 0..300 {
        encoder.write_all(&zeros(1)).unwrap();
    }
    encoder.finish().unwrap()
}

/// A stream whose header asks for a dictionary of four gigabytes.
fn xz_with_dictionary() -> Vec<u8> {
    let mut options = liblzma::stream::LzmaOptions::new_preset(0).unwrap();
    options.dict_size(1 << 30);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(&options);
    // Only the header of the block is made to ask for more: an encoder with such a dictionary would need it itself.
    let mut small = liblzma::stream::LzmaOptions::new_preset(0).unwrap();
    small.dict_size(1 << 20);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(&small);
    let stream = liblzma::stream::Stream::new_stream_encoder(&filters, liblzma::stream::Check::Crc32).unwrap();
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(&tar(&tree("s/"))).unwrap();
    let mut bytes = encoder.finish().unwrap();
    // The block header: its size, flags, filter 0x21 with one property byte, the dictionary's size, padding, checksum.
    let length = (usize::from(bytes[12]) + 1) * 4;
    let property = 12 + 4;
    bytes[property] = 40;
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..12 + length - 4]);
    let sum = crc.sum().to_le_bytes();
    bytes[12 + length - 4..12 + length].copy_from_slice(&sum);
    bytes
}

/// A zip64 record that says the table of contents is where the record is.
fn zip64_loop() -> Vec<u8> {
    let bytes = zip(&good());
    let (body, end) = bytes.split_at(bytes.len() - 22);
    let at = (body.len() as u64).to_le_bytes();
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(44_u64.to_le_bytes());
    record.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    record.extend(u64::MAX.to_le_bytes());
    record.extend(u64::MAX.to_le_bytes());
    record.extend(u64::MAX.to_le_bytes());
    record.extend(at);
    let mut locator = b"PK\x06\x07".to_vec();
    locator.extend([0; 4]);
    locator.extend(at);
    locator.extend([1, 0, 0, 0]);
    let mut end = end.to_vec();
    end[8..20].copy_from_slice(&[0xff; 12]);
    [body, &record, &locator, &end].concat()
}

/// A zip whose comment looks like the end of another, empty one.
fn commented() -> Vec<u8> {
    let mut bytes = zip(&good());
    let length = bytes.len();
    bytes[length - 2..].copy_from_slice(&[22 + 4, 0]);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 18]);
    bytes.extend(b"tail");
    bytes
}
