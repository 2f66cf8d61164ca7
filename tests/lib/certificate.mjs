// A certificate for the names of one test run, made by openssl, and the hash that makes Chromium accept it.
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

/** @param {string} folder @param {string[]} names */
export function makeCertificate(folder, names) {
    const [keyFile, certificateFile] = [path.join(folder, "tls.key"), path.join(folder, "tls.pem")];
    execFileSync(
        "openssl",
        [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Inlay test",
            "-addext",
            `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`,
            "-keyout",
            keyFile,
            "-out",
            certificateFile,
        ],
        { stdio: "pipe" },
    );
    const cert = fs.readFileSync(certificateFile, "utf8");
    const spki = new crypto.X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
    return {
        keyFile,
        certificateFile,
        key: fs.readFileSync(keyFile, "utf8"),
        cert,
        hash: crypto.createHash("sha256").update(spki).digest("base64"),
    };
}
