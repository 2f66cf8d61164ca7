// The portals that may frame an app.
import { Plus, X } from "lucide-react";
import { Button, IconButton } from "../../ui/basics";

/** What is written, less what is empty. */
export const portalsOf = (lines: readonly string[]) =>
    lines.map((line) => line.trim().replace(/\/$/, "")).filter((line) => line !== "");

/** A line for each portal, and one to write the next. */
export function PortalLines({
    lines,
    onChange,
    disabled = false,
    title = "Portals that may show it",
    hint,
}: {
    lines: readonly string[];
    onChange: (lines: string[]) => void;
    disabled?: boolean;
    title?: string;
    hint?: string;
}) {
    const set = (index: number, line: string) => onChange(lines.map((old, place) => (place === index ? line : old)));
    return (
        <fieldset className="lines" disabled={disabled}>
            <legend className="label">{title}</legend>
            {lines.map((line, index) => (
                <div className="line" key={index}>
                    <input
                        className="input"
                        aria-label={`Portal ${index + 1}`}
                        value={line}
                        placeholder="https://portal.example.com"
                        spellCheck={false}
                        autoCapitalize="off"
                        inputMode="url"
                        maxLength={255}
                        onChange={(event) => set(index, event.target.value)}
                    />
                    {lines.length > 1 && (
                        <IconButton
                            label={`Remove portal ${index + 1}`}
                            icon={X}
                            onPress={() => onChange(lines.filter((_, place) => place !== index))}
                        />
                    )}
                </div>
            ))}
            {hint !== undefined && <p className="hint">{hint}</p>}
            <p className="hint">
                The origin of your page: scheme, host and port, such as <code>https://portal.example.com</code> or{" "}
                <code>http://localhost:5173</code>. <code>https://*.example.com</code> allows every host below it.
            </p>
            <div>
                <Button
                    small
                    icon={Plus}
                    isDisabled={disabled || lines.length >= 50}
                    onPress={() => onChange([...lines, ""])}
                >
                    Add another
                </Button>
            </div>
        </fieldset>
    );
}
