// JSON Schema by ajv. Usage: node ajv.mjs schema.json document.json

import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { check } from "./browser.mjs";

const [schemaFile, file] = process.argv.slice(2);
const ajv = new Ajv({ strict: false, logger: false, allErrors: true, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, "utf8")));
const valid = validate(JSON.parse(readFileSync(file, "utf8")));
check("JSON matches its schema", valid, ajv.errorsText(validate.errors));
