//! The official checks on states that no recording has: fields that are missing, empty or unusual, and each version of the webhook.

use crate::official_state::{State, find, object};
use gleaner_report::{CheckVerdict, ProblemKind};
use serde_json::{Value, json};

const NEWEST: &str = "newest";

fn upgrade(rest: Value) -> State {
    let upgrade = object("harvesterhci.io/v1beta1", "Upgrade", "harvester-system", "up", rest);
    State::healthy().with(
        "namespaced/harvester-system/harvesterhci.io/v1beta1/upgrades",
        vec![upgrade],
    )
}

#[test]
fn an_upgrade_without_labels_is_one_in_progress() {
    for (rest, expected) in [
        (json!({}), CheckVerdict::Fail),
        (
            json!({"metadata": {"labels": {"harvesterhci.io/upgradeState": "null"}}}),
            CheckVerdict::Fail,
        ),
        (
            json!({"metadata": {"labels": {"harvesterhci.io/upgradeState": "Succeeded"}}}),
            CheckVerdict::Pass,
        ),
        (
            json!({"metadata": {"labels": {"harvesterhci.io/upgradeState": "Failed"}}}),
            CheckVerdict::Pass,
        ),
    ] {
        assert_eq!(
            upgrade(rest.clone()).verdict(NEWEST, "createPreconditions"),
            expected,
            "{rest}"
        );
    }
}

#[test]
fn a_cleanup_that_is_pending_counts_from_the_version_that_knows_it() {
    let labels = json!({"harvesterhci.io/upgradeState": "Succeeded", "harvesterhci.io/upgradeCleanup": "Pending"});
    let state = upgrade(json!({"metadata": {"labels": labels}}));
    for (webhook, expected) in [
        ("v1.5.0", CheckVerdict::Pass),
        ("v1.7.0", CheckVerdict::Fail),
        ("v1.8.2", CheckVerdict::Fail),
        ("master-abc", CheckVerdict::Fail),
    ] {
        assert_eq!(state.verdict(webhook, "createPreconditions"), expected, "{webhook}");
    }
}

#[test]
fn a_pause_map_is_read_as_go_reads_it() {
    let node = State::healthy().report(NEWEST).cluster.nodes[0].name.clone();
    for (map, expected) in [
        ("{}".to_owned(), CheckVerdict::Pass),
        ("{ }".to_owned(), CheckVerdict::Pass),
        ("null".to_owned(), CheckVerdict::Pass),
        (format!("{{\"{node}\":\"pause\"}}"), CheckVerdict::Pass),
        (format!("{{\"{node}\":\"wait\"}}"), CheckVerdict::Fail),
        (format!("{{\"{node}\":\"\"}}"), CheckVerdict::Fail),
        (
            format!("{{\"{node}\":\"pause\",\"{node}-2\":\"null\"}}"),
            CheckVerdict::Fail,
        ),
        (format!("{{\"{node}\":1}}"), CheckVerdict::Fail),
        ("{\"gone\":\"pause\"}".to_owned(), CheckVerdict::Fail),
        ("[]".to_owned(), CheckVerdict::Fail),
        ("{\"broken".to_owned(), CheckVerdict::Fail),
    ] {
        let annotations = json!({"harvesterhci.io/node-upgrade-pause-map": map});
        let state = upgrade(json!({"metadata": {"annotations": annotations}}));
        assert_eq!(state.verdict(NEWEST, "validatePauseMapAnnotation"), expected, "{map}");
    }
}

#[test]
fn checks_come_with_their_version() {
    use CheckVerdict::{Pass, Skipped};
    let state = State::healthy();
    for (webhook, expected) in [
        ("v1.2.2", [Pass, Skipped, Skipped, Skipped, Skipped, Skipped, Skipped]),
        ("v1.3.0", [Pass, Pass, Skipped, Skipped, Skipped, Skipped, Skipped]),
        ("v1.4.0", [Pass, Pass, Pass, Skipped, Skipped, Skipped, Skipped]),
        ("v1.5.0", [Pass, Pass, Pass, Skipped, Skipped, Skipped, Skipped]),
        ("v1.5.1", [Pass, Pass, Pass, Pass, Skipped, Skipped, Skipped]),
        ("v1.6.0", [Pass, Pass, Pass, Pass, Pass, Skipped, Skipped]),
        ("v1.7.0", [Pass, Pass, Pass, Pass, Pass, Pass, Skipped]),
        ("v1.8.2", [Pass, Pass, Pass, Pass, Pass, Pass, Pass]),
    ] {
        let report = state.report(webhook);
        let found = [
            "checkNodes",
            "checkSingleReplicaVolumes",
            "checkScheduleVMBackups",
            "checkNodeMachineMatching",
            "isRestoreVM",
            "checkAddons",
            "checkStaleHotplugVolumes",
        ]
        .map(|check| find(&report, check).verdict);
        assert_eq!(found, expected, "{webhook}");
    }
}

#[test]
fn a_backup_without_status_is_in_progress() {
    for (rest, expected) in [
        (json!({}), CheckVerdict::Fail),
        (json!({"status": {"error": "null"}}), CheckVerdict::Fail),
        (
            json!({"status": {"error": {"message": "no space"}}}),
            CheckVerdict::Pass,
        ),
        (json!({"status": {"readyToUse": true}}), CheckVerdict::Pass),
    ] {
        let backup = object(
            "harvesterhci.io/v1beta1",
            "VirtualMachineBackup",
            "default",
            "b",
            rest.clone(),
        );
        let path = "namespaced/default/harvesterhci.io/v1beta1/virtualmachinebackups";
        let state = State::healthy().with(path, vec![backup]);
        assert_eq!(state.verdict(NEWEST, "checkVMBackups"), expected, "{rest}");
    }
}

#[test]
fn an_addon_is_settled_by_its_status_and_whether_it_is_on() {
    for (enabled, status, expected) in [
        (true, "null", CheckVerdict::Fail),
        (true, "AddonDeploySuccessful", CheckVerdict::Pass),
        (true, "AddonUpdating", CheckVerdict::Fail),
        (false, "null", CheckVerdict::Pass),
        (false, "AddonDisabled", CheckVerdict::Pass),
        (false, "AddonDisabling", CheckVerdict::Fail),
    ] {
        let rest = json!({"spec": {"enabled": enabled}, "status": {"status": status}});
        let addon = object("harvesterhci.io/v1beta1", "Addon", "harvester-system", "a", rest);
        let path = "namespaced/harvester-system/harvesterhci.io/v1beta1/addons";
        let verdict = State::healthy().with(path, vec![addon]).verdict(NEWEST, "checkAddons");
        assert_eq!(verdict, expected, "{enabled} {status}");
    }
}

#[test]
fn addons_that_were_not_collected_are_not_settled() {
    let state = State::healthy().without(|path| path.starts_with("yamls/namespaced/harvester-system/"));
    assert_eq!(state.verdict(NEWEST, "checkAddons"), CheckVerdict::Unknown);
}

#[test]
fn the_upgrade_config_is_read_as_go_reads_it() {
    for (config, expected) in [
        ("null", CheckVerdict::Pass),
        ("{ }", CheckVerdict::Pass),
        ("{\"restoreVM\":true}", CheckVerdict::Pass),
        ("{\"logReadyTimeout\":\"\"}", CheckVerdict::Pass),
        ("{\"restoreVM\":\"true\"}", CheckVerdict::Fail),
        ("\"text\"", CheckVerdict::Fail),
        ("[]", CheckVerdict::Fail),
        ("{", CheckVerdict::Fail),
    ] {
        let state = State::healthy().value("upgrade-config", config);
        assert_eq!(state.verdict(NEWEST, "isRestoreVM"), expected, "{config}");
    }
}

#[test]
fn a_setting_whose_value_is_unset_has_its_default() {
    let broken = json!({"value": "null", "default": "["});
    let state = State::healthy().setting("upgrade-config", Some(broken));
    assert_eq!(state.verdict(NEWEST, "isRestoreVM"), CheckVerdict::Fail);
}

fn vmi(spec: Value, status: Value) -> State {
    let rest = json!({"spec": spec, "status": status});
    let vmi = object("kubevirt.io/v1", "VirtualMachineInstance", "default", "vm", rest);
    State::healthy().with("namespaced/default/kubevirt.io/v1/virtualmachineinstances", vec![vmi])
}

#[test]
fn a_machine_is_migratable_by_what_binds_it() {
    let required = |terms: Value| {
        let required = json!({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}});
        json!({"affinity": {"nodeAffinity": required}})
    };
    let disks = json!({"domain": {"devices": {"disks": [{"name": "cd", "cdrom": {"bus": "sata"}}]}}});
    for (spec, webhook, expected) in [
        (json!({}), NEWEST, CheckVerdict::Pass),
        (json!({"nodeSelector": {"a": "b"}}), NEWEST, CheckVerdict::Fail),
        (json!({"nodeSelector": "null"}), NEWEST, CheckVerdict::Pass),
        (json!({"affinity": {"nodeAffinity": {}}}), NEWEST, CheckVerdict::Pass),
        (required(json!([])), NEWEST, CheckVerdict::Fail),
        (required(json!([{}])), NEWEST, CheckVerdict::Fail),
        (
            required(json!([{"matchExpressions": [{"key": "kubernetes.io/os", "operator": "Exists"}]}])),
            NEWEST,
            CheckVerdict::Pass,
        ),
        (
            json!({"domain": {"devices": {"hostDevices": [{"name": "d"}]}}}),
            NEWEST,
            CheckVerdict::Fail,
        ),
        (
            json!({"domain": {"devices": {"gpus": [{"name": "d"}]}}}),
            NEWEST,
            CheckVerdict::Pass,
        ),
        (disks.clone(), "v1.4.0", CheckVerdict::Pass),
        (disks.clone(), "v1.4.1", CheckVerdict::Fail),
        (disks.clone(), "v1.7.3", CheckVerdict::Fail),
        (disks, "v1.8.0", CheckVerdict::Pass),
    ] {
        for status in [json!({}), json!({"nodeName": "null"})] {
            let verdict = vmi(spec.clone(), status).verdict(webhook, "checkNonLiveMigratableVMs");
            assert_eq!(verdict, expected, "{webhook} {spec}");
        }
    }
}

#[test]
fn a_bundle_without_a_summary_is_no_failure() {
    let ready = json!({"spec": {"helm": {}}, "status": {"summary": {"desiredReady": 1, "ready": 1}}});
    let (none, down) = (
        json!({"spec": {"helm": {}}}),
        json!({"spec": {"helm": {}}, "status": {"summary": {"ready": 0}}}),
    );
    let bundle =
        |name: &str, rest: &Value| object("fleet.cattle.io/v1alpha1", "Bundle", "fleet-local", name, rest.clone());
    for (harvester, other, expected) in [
        (&ready, &none, [CheckVerdict::Pass, CheckVerdict::Pass]),
        (&ready, &down, [CheckVerdict::Fail, CheckVerdict::Pass]),
        (&down, &ready, [CheckVerdict::Fail, CheckVerdict::Fail]),
        (&none, &ready, [CheckVerdict::Pass, CheckVerdict::Fail]),
    ] {
        let bundles = vec![bundle("mcc-harvester", harvester), bundle("mcc-other", other)];
        let report = State::healthy()
            .with("namespaced/fleet-local/fleet.cattle.io/v1alpha1/bundles", bundles)
            .report(NEWEST);
        let found = ["Helm-Bundles", "Harvester-Bundles"].map(|check| find(&report, check).verdict);
        assert_eq!(found, expected, "{harvester} {other}");
    }
}

#[test]
fn copies_of_backing_images_fail_warn_or_pass() {
    for (spec, expected) in [
        (json!({}), CheckVerdict::Pass),
        (json!({"minNumberOfCopies": 0}), CheckVerdict::Fail),
        (json!({"minNumberOfCopies": 2}), CheckVerdict::Warning),
        (json!({"minNumberOfCopies": 3}), CheckVerdict::Pass),
    ] {
        let image = object(
            "longhorn.io/v1beta2",
            "BackingImage",
            "longhorn-system",
            "i",
            json!({"spec": spec}),
        );
        let path = "namespaced/longhorn-system/longhorn.io/v1beta2/backingimages";
        let state = State::healthy()
            .value("server-version", "v1.5.0")
            .with(path, vec![image]);
        assert_eq!(state.verdict(NEWEST, "Longhorn-Backing-Images"), expected, "{spec}");
    }
}

#[test]
fn an_eviction_ends_check_sh_on_1_4_only() {
    let node = object(
        "longhorn.io/v1beta2",
        "Node",
        "longhorn-system",
        "n",
        json!({"spec": {"evictionRequested": true}}),
    );
    for (version, expected) in [("v1.4.3", CheckVerdict::Skipped), ("v1.5.0", CheckVerdict::Pass)] {
        let report = State::healthy()
            .with(
                "namespaced/longhorn-system/longhorn.io/v1beta2/nodes",
                vec![node.clone()],
            )
            .value("server-version", version)
            .report(NEWEST);
        assert_eq!(find(&report, "Node-Status").verdict, CheckVerdict::Pass, "{version}");
        assert_eq!(find(&report, "CAPI-Cluster-State").verdict, expected, "{version}");
    }
}

#[test]
fn a_missing_server_version_ends_check_sh_unless_the_settings_were_not_collected() {
    let state = State::healthy().setting("server-version", None);
    assert_eq!(state.verdict(NEWEST, "Node-Status"), CheckVerdict::Skipped);
    let state = State::healthy().without(|path| path.ends_with("/harvesterhci.io/v1beta1/settings.yaml"));
    let check = find(&state.report(NEWEST), "Node-Status");
    assert_eq!(check.verdict, CheckVerdict::Unknown, "{}", check.note);
}

#[test]
fn a_witness_counts_by_its_label_whatever_the_value() {
    let node = |name: &str, labels: Value| object("v1", "Node", "", name, json!({"metadata": {"labels": labels}}));
    let state = |value: &str| {
        let nodes = vec![
            node("a", json!({})),
            node("w", json!({"node-role.harvesterhci.io/witness": value})),
        ];
        vmi(json!({"nodeSelector": {"a": "b"}}), json!({"nodeName": "a"})).with("cluster/v1/nodes", nodes)
    };
    for value in ["true", "null"] {
        assert_eq!(
            state(value).verdict("v1.5.2", "checkNonLiveMigratableVMs"),
            CheckVerdict::Fail,
            "{value}"
        );
        assert_eq!(
            state(value).verdict("v1.6.0", "checkNonLiveMigratableVMs"),
            CheckVerdict::Pass,
            "{value}"
        );
    }
    assert_eq!(state("true").verdict(NEWEST, "Node-Status"), CheckVerdict::Fail);
}

#[test]
fn the_storage_network_needs_its_pool_and_free_addresses_in_it() {
    let pool = |name: &str, count: usize| {
        let used: serde_json::Map<String, Value> = (0..count).map(|i| (i.to_string(), json!({"id": "x"}))).collect();
        let rest = json!({"spec": {"allocations": used}});
        object("whereabouts.cni.cncf.io/v1alpha1", "IPPool", "kube-system", name, rest)
    };
    let range = |exclude: &str| {
        format!("{{\"vlan\":1,\"clusterNetwork\":\"c\",\"range\":\"192.168.1.10/24\",\"exclude\":[{exclude}]}}")
    };
    let (half, twice) = ("\"192.168.1.0/25\"", "\"192.168.1.0/25\",\"192.168.1.0/26\"");
    for (network, pools, expected) in [
        (range(""), vec![], CheckVerdict::Fail),
        (range(""), vec![pool("192.168.1.10-24", 5)], CheckVerdict::Pass),
        (range(""), vec![pool("192.168.1.0-24", 5)], CheckVerdict::Fail),
        (range(""), vec![pool("192.168.1.10-24", 254)], CheckVerdict::Fail),
        (range(half), vec![pool("192.168.1.10-24", 40)], CheckVerdict::Pass),
        (range(twice), vec![pool("192.168.1.10-24", 90)], CheckVerdict::Pass),
        (range(twice), vec![pool("192.168.1.10-24", 127)], CheckVerdict::Fail),
    ] {
        let state = State::healthy()
            .value("storage-network", &network)
            .with("namespaced/kube-system/whereabouts.cni.cncf.io/v1alpha1/ippools", pools);
        assert_eq!(
            state.verdict(NEWEST, "Storage-Network-IP-Availability"),
            expected,
            "{network}"
        );
    }
}

#[test]
fn an_input_that_is_cut_off_makes_no_rule_quiet_and_no_check_pass() {
    let state = State::healthy().problem("supportbundle_x.tgz", ProblemKind::Unreadable);
    let report = state.report(NEWEST);
    for check in ["checkMachines", "checkVMBackups", "createPreconditions"] {
        assert_eq!(find(&report, check).verdict, CheckVerdict::Unknown, "{check}");
    }
    assert_ne!(report.upgrade.verdict, gleaner_report::Verdict::Ready);
}
