// Form fields: a label, the control, a hint, and what is wrong with it.
import { Check, ChevronDown, Search } from "lucide-react";
import { useEffect, useEffectEvent, useId, useRef, useState, type ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Checkbox as AriaCheckbox } from "react-aria-components/Checkbox";
import { ComboBox as AriaComboBox, Input } from "react-aria-components/ComboBox";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import { Select as AriaSelect, SelectValue } from "react-aria-components/Select";

interface FieldProps {
    label: ReactNode;
    hint?: ReactNode;
    wrong?: string | undefined;
    optional?: boolean;
    code?: boolean;
    value: string;
    onChange: (value: string) => void;
}

interface TextFieldProps extends FieldProps {
    type?: "text" | "email" | "password" | "url" | "number" | "date";
    placeholder?: string;
    autoComplete?: string;
    autoFocus?: boolean;
    required?: boolean;
    maxLength?: number;
    inputMode?: "numeric" | "text" | "url";
    disabled?: boolean;
    rows?: number;
}

export function TextField({
    label,
    hint,
    wrong,
    optional,
    code,
    value,
    onChange,
    rows,
    type = "text",
    required,
    ...rest
}: TextFieldProps) {
    const id = useId();
    const shared = {
        id,
        value,
        required,
        spellCheck: code === true ? false : undefined,
        "aria-invalid": wrong !== undefined,
        "aria-describedby": hint !== undefined || wrong !== undefined ? `${id}-hint` : undefined,
        ...rest,
    };
    return (
        <div className={`field ${code === true ? "code" : ""}`}>
            <label htmlFor={id}>
                {label} {optional === true && <span className="optional">(optional)</span>}
            </label>
            {rows === undefined ? (
                <input {...shared} type={type} onChange={(event) => onChange(event.target.value)} />
            ) : (
                <textarea {...shared} rows={rows} onChange={(event) => onChange(event.target.value)} />
            )}
            {wrong !== undefined ? (
                <p className="wrong" id={`${id}-hint`}>
                    {wrong}
                </p>
            ) : (
                hint !== undefined && (
                    <p className="hint" id={`${id}-hint`}>
                        {hint}
                    </p>
                )
            )}
        </div>
    );
}

export interface Choice {
    id: string;
    name: string;
    note?: string;
}

export function Select({
    label,
    choices,
    value,
    onChange,
    hint,
    hideLabel = false,
}: {
    label: string;
    choices: Choice[];
    value: string;
    onChange: (id: string) => void;
    hint?: string;
    hideLabel?: boolean;
}) {
    return (
        <AriaSelect
            className="field"
            selectedKey={value}
            onSelectionChange={(key) => onChange(String(key))}
            aria-label={label}
        >
            {!hideLabel && <Label className="label">{label}</Label>}
            <Button className="input select-button">
                <SelectValue>{({ selectedText }) => selectedText}</SelectValue>
                <ChevronDown size={16} aria-hidden />
            </Button>
            {hint !== undefined && <p className="hint">{hint}</p>}
            <Popover className="popover">
                <ListBox items={choices} className="menu select-list">
                    {(choice) => (
                        <ListBoxItem className="menu-item" textValue={choice.name}>
                            {({ isSelected }) => (
                                <>
                                    <span>
                                        {choice.name} {choice.note !== undefined && <small>{choice.note}</small>}
                                    </span>
                                    {isSelected && <Check size={15} className="tick" aria-hidden />}
                                </>
                            )}
                        </ListBoxItem>
                    )}
                </ListBox>
            </Popover>
        </AriaSelect>
    );
}

/** Chooses one of many, found by typing; `choices` are what the server found for `search`, `note` is said when there are
 *  none. `again`: waits for the next choice, with the focus and a closed list. */
export function Picker({
    label,
    choices,
    value,
    search,
    onSearch,
    onChange,
    hint,
    placeholder,
    note = "Nothing found.",
    again = false,
}: {
    label: string;
    choices: Choice[];
    value: string | null;
    search: string;
    onSearch: (text: string) => void;
    onChange: (choice: Choice | null) => void;
    hint?: string;
    placeholder?: string;
    note?: string;
    again?: boolean;
}) {
    return (
        <AriaComboBox
            className="field"
            items={choices}
            selectedKey={value}
            inputValue={search}
            onInputChange={onSearch}
            onSelectionChange={(key) => onChange(choices.find(({ id }) => id === key) ?? null)}
            allowsEmptyCollection
            menuTrigger={again ? "input" : "focus"}
            autoFocus={again}
        >
            <Label className="label">{label}</Label>
            <div className="combo">
                <Input className="input" {...(placeholder === undefined ? {} : { placeholder })} />
                <Button className="icon-button">
                    <ChevronDown size={16} aria-hidden />
                </Button>
            </div>
            {hint !== undefined && <p className="hint">{hint}</p>}
            <Popover className="popover">
                <ListBox<Choice>
                    className="menu select-list"
                    renderEmptyState={() => <p className="menu-note">{note}</p>}
                >
                    {(choice) => (
                        <ListBoxItem className="menu-item" textValue={choice.name}>
                            <span>
                                {choice.name} {choice.note !== undefined && <small>{choice.note}</small>}
                            </span>
                        </ListBoxItem>
                    )}
                </ListBox>
            </Popover>
        </AriaComboBox>
    );
}

export function Checkbox({
    children,
    note,
    selected,
    onChange,
    disabled = false,
    label,
}: {
    children?: ReactNode;
    note?: ReactNode;
    selected: boolean;
    onChange: (selected: boolean) => void;
    disabled?: boolean;
    label?: string;
}) {
    return (
        <AriaCheckbox
            className="checkbox"
            isSelected={selected}
            onChange={onChange}
            isDisabled={disabled}
            {...(label === undefined ? {} : { "aria-label": label })}
        >
            <span className="box">
                <Check size={14} strokeWidth={3} aria-hidden />
            </span>
            {children !== undefined && (
                <span>
                    {children}
                    {note !== undefined && <small>{note}</small>}
                </span>
            )}
        </AriaCheckbox>
    );
}

export function Segments<T extends string>({
    label,
    choices,
    value,
    onChange,
}: {
    label: string;
    choices: { id: T; name: ReactNode }[];
    value: T;
    onChange: (id: T) => void;
}) {
    return (
        <RadioGroup
            className="segments"
            aria-label={label}
            orientation="horizontal"
            value={value}
            onChange={(id) => onChange(id as T)}
        >
            {choices.map(({ id, name }) => (
                <Radio key={id} value={id}>
                    {name}
                </Radio>
            ))}
        </RadioGroup>
    );
}

export function Cards<T extends string>({
    label,
    choices,
    value,
    onChange,
}: {
    label: string;
    choices: { id: T; name: string; note: string; icon: ReactNode }[];
    value: T;
    onChange: (id: T) => void;
}) {
    return (
        <RadioGroup className="cards" aria-label={label} value={value} onChange={(id) => onChange(id as T)}>
            {choices.map(({ id, name, note, icon }) => (
                <Radio key={id} value={id}>
                    {icon}
                    <strong>{name}</strong>
                    <small>{note}</small>
                </Radio>
            ))}
        </RadioGroup>
    );
}

/** One of a few that need a sentence each, one below the other. */
export function Options<T extends string>({
    label,
    choices,
    value,
    onChange,
}: {
    label: string;
    choices: { id: T; name: string; note: string }[];
    value: T;
    onChange: (id: T) => void;
}) {
    return (
        <RadioGroup className="options" value={value} onChange={(id) => onChange(id as T)}>
            <Label className="label">{label}</Label>
            {choices.map(({ id, name, note }) => (
                <Radio key={id} value={id} className="option">
                    <span className="dot" aria-hidden />
                    <span>
                        {name}
                        <small>{note}</small>
                    </span>
                </Radio>
            ))}
        </RadioGroup>
    );
}

/** Tells `onChange` when typing pauses; shows `initial` anew when something else changes it. */
export function SearchField({
    label,
    onChange,
    placeholder,
    initial = "",
}: {
    label: string;
    onChange: (text: string) => void;
    placeholder?: string;
    initial?: string;
}) {
    const [text, setText] = useState(initial);
    const told = useRef(initial);
    const tell = useEffectEvent(onChange);
    useEffect(() => {
        const timer = setTimeout(() => {
            if (text.trim() !== told.current) {
                told.current = text.trim();
                tell(told.current);
            }
        }, 250);
        return () => clearTimeout(timer);
    }, [text]);
    useEffect(() => {
        if (initial !== told.current) {
            told.current = initial;
            setText(initial);
        }
    }, [initial]);
    return (
        <div className="search">
            <Search size={16} aria-hidden />
            <input
                type="search"
                aria-label={label}
                placeholder={placeholder ?? label}
                value={text}
                onChange={(event) => setText(event.target.value)}
            />
        </div>
    );
}
