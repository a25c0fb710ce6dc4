//! Two nodes, three pods and a few functions.

use gleaner_cel::{
    Function, Gives, GlobalId, Host, KindId, Object, Relation, RelationId, Schema, Scope, Slots, Type, Value, Variable,
    compile,
};
use gleaner_yaml::{Mode, Node};
use std::sync::OnceLock;

const KINDS: [&str; 2] = ["Node", "Pod"];
const NODE: KindId = KindId::new(0);
const POD: KindId = KindId::new(1);
const POD_NODE: RelationId = RelationId::new(0);
const NODE_PODS: RelationId = RelationId::new(1);

const OBJECTS: [&[&str]; 2] = [
    &[
        "metadata: {name: n-1, labels: {zone: a, rack: ''}}\nstatus: {capacity: 8}\n",
        "metadata: {name: n-2, labels: {}}\nstatus: {capacity: 0}\n",
    ],
    &[
        "metadata: {name: p-1, namespace: default}\nspec: {node: n-1, args: [a, b, a]}\nstatus: {phase: Running, ratio: 0.5}\n",
        "metadata: {name: p-2, namespace: default}\nspec: {node: n-1, args: []}\nstatus: {phase: Failed, reason: ''}\n",
        "metadata: {name: p-3, namespace: system}\nspec: {node: n-9}\n",
    ],
];

static FUNCTIONS: &[Function] = &[
    Function::of_host("shout", 1, Gives::String, "a text, louder"),
    Function::of_host("reads_node", 1, Gives::Any, "nothing").reading(&["Node"]),
];

/// The world, as a schema and as a host.
pub(crate) struct World {
    objects: Vec<Vec<Node<'static>>>,
}

pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let read = |text: &&'static str| gleaner_yaml::read_document(text, Mode::Full).ok().unwrap();
        let objects = OBJECTS.iter().map(|kind| kind.iter().map(read).collect());
        World {
            objects: objects.collect(),
        }
    })
}

impl Schema for World {
    fn kind(&self, name: &str) -> Option<KindId> {
        let kinds = [NODE, POD].into_iter().zip(KINDS);
        kinds.into_iter().find(|(_, known)| *known == name).map(|(id, _)| id)
    }

    fn kind_name(&self, kind: KindId) -> &str {
        KINDS[usize::from(kind.number())]
    }

    fn kind_names(&self) -> Vec<&str> {
        KINDS.to_vec()
    }

    fn field(&self, kind: KindId, path: &[String]) -> Result<Type, Vec<String>> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match (path.as_slice(), kind) {
            ([], _) | (["metadata" | "spec" | "status"], _) => Ok(Type::Any),
            (["metadata", "name" | "namespace"], _) => Ok(Type::String),
            (["metadata", "labels", ..], _) | (["spec", "args", ..], POD) => Ok(Type::Any),
            (["status", "phase" | "reason"], POD) => Ok(Type::String),
            (["spec", "node"], POD) => Ok(Type::String),
            (["status", "ratio"], POD) => Ok(Type::Any),
            (["status", "capacity"], NODE) => Ok(Type::Int),
            _ => Err(["name", "namespace", "labels", "phase", "reason", "capacity"]
                .map(str::to_owned)
                .to_vec()),
        }
    }

    fn relation(&self, name: &str, from: KindId) -> Option<Relation> {
        let relation = |id, to, many| Some(Relation { id, to, many });
        match (name, from) {
            ("node", POD) => relation(POD_NODE, NODE, false),
            ("pods", NODE) => relation(NODE_PODS, POD, true),
            _ => None,
        }
    }

    fn relation_names(&self, from: Option<KindId>) -> Vec<&str> {
        match from {
            Some(NODE) => vec!["pods"],
            Some(_) => vec!["node"],
            None => vec!["node", "pods"],
        }
    }

    fn global(&self, name: &str) -> Option<(GlobalId, Type)> {
        match name {
            "now" => Some((GlobalId::new(0), Type::Any)),
            "version" => Some((GlobalId::new(1), Type::String)),
            _ => None,
        }
    }

    fn global_names(&self) -> Vec<&str> {
        vec!["now", "version"]
    }

    fn functions(&self) -> &'static [Function] {
        FUNCTIONS
    }
}

impl<'a> Host<'a> for &'a World {
    fn global(&self, id: GlobalId) -> Value<'a> {
        if id == GlobalId::new(0) {
            Value::Time(1_000_000)
        } else {
            Value::borrowed("v1.2.3")
        }
    }

    fn related(&self, relation: RelationId, from: Object<'a>) -> &'a [u32] {
        match (relation, from.name()) {
            (POD_NODE, "p-1" | "p-2") => &[0],
            (NODE_PODS, "n-1") => &[0, 1],
            _ => &[],
        }
    }

    fn object(&self, kind: KindId, position: u32) -> Object<'a> {
        let root = &self.objects[usize::from(kind.number())][position as usize];
        Object { kind, position, root }
    }

    fn count(&self, kind: KindId) -> u32 {
        u32::try_from(self.objects[usize::from(kind.number())].len()).unwrap()
    }

    fn get(&self, kind: KindId, namespace: &str, name: &str) -> Option<Object<'a>> {
        let objects = (0..self.count(kind)).map(|position| self.object(kind, position));
        let mut named = objects.filter(|object| object.root.text(&["metadata", "namespace"]) == namespace);
        named.find(|object| object.name() == name)
    }

    fn call(&self, function: &Function, arguments: &[Value<'a>]) -> Result<Value<'a>, String> {
        match function.name {
            "shout" => Ok(Value::text(arguments[0].text_or_empty()?.to_uppercase())),
            _ => Ok(Value::UNSET),
        }
    }
}

/// A scope with a pod, and what it evaluates to there.
pub(crate) fn scope() -> Scope<'static> {
    let mut scope = Scope::new(world());
    scope.variables.push(Variable::new("pod", Type::Object(POD)));
    scope.variables.push(Variable::new("x", Type::Any));
    scope
}

/// What an expression gives for the first pod, as a message shows it; what is wrong otherwise.
pub(crate) fn eval(source: &str) -> String {
    let expr = match compile(source, &scope()) {
        Ok(expr) => expr,
        Err(errors) => return format!("does not compile: {errors:?}"),
    };
    let host = world();
    let mut slots = Slots::new();
    slots.push(Value::Object(host.object(POD, 0)));
    slots.push(Value::UNSET);
    match expr.eval(&host, &mut slots) {
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    }
}
