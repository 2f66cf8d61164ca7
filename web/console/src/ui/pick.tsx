// Chooses several of many, found by typing.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Picker, type Choice } from "./fields";
import { wordsOf } from "../api/client";
import { toast } from "./toast";

/** A value once it has not changed for a moment. */
export function useSettled<T>(value: T, ms = 200): T {
    const [settled, settle] = useState(value);
    useEffect(() => {
        const timer = setTimeout(() => settle(value), ms);
        return () => clearTimeout(timer);
    }, [value, ms]);
    return settled;
}

/** What an empty list of findings says. */
export function foundNote({ isPending, error }: { isPending: boolean; error: unknown }, isCurrent: boolean): string {
    return error !== null ? wordsOf(error) : isPending || !isCurrent ? "Looking …" : "Nothing found.";
}

interface PickManyProps {
    label: string;
    chosen: Choice[];
    onChange: (chosen: Choice[]) => void;
    /** What the server finds. */
    load: (search: string) => Promise<Choice[]>;
    /** Begins the key under which findings are kept. */
    queryKey: string;
    /** Makes what was typed and not found. */
    create?: (name: string) => Promise<Choice>;
    hint?: string;
    placeholder?: string;
}

const NEW = "new";

export function PickMany({ label, chosen, onChange, load, queryKey, create, hint, placeholder }: PickManyProps) {
    const [search, setSearch] = useState("");
    // Each choice closes the list: a new field waits for the next.
    const [taken, setTaken] = useState(0);
    const settled = useSettled(search.trim());
    const { data = [], ...state } = useQuery({
        queryKey: [queryKey, "pick", settled],
        queryFn: () => load(settled),
        placeholderData: keepPreviousData,
    });
    const isCurrent = settled === search.trim() && !state.isPlaceholderData;
    const left = data.filter(({ id }) => chosen.every((one) => one.id !== id));
    const name = search.trim();
    const canCreate =
        create !== undefined &&
        name !== "" &&
        isCurrent &&
        data.every((one) => one.name.toLowerCase() !== name.toLowerCase());
    const choices = canCreate ? [...left, { id: NEW, name: `Create "${name}"` }] : left;

    const take = (choice: Choice | null) => {
        if (choice === null) {
            return;
        }
        setSearch("");
        setTaken(taken + 1);
        if (choice.id !== NEW || create === undefined) {
            onChange([...chosen, choice]);
            return;
        }
        create(name)
            .then((made) => onChange([...chosen, made]))
            .catch((error: unknown) => toast(wordsOf(error), "bad"));
    };
    return (
        <div className="pick">
            <Picker
                key={taken}
                again={taken > 0}
                label={label}
                choices={choices}
                value={null}
                search={search}
                onSearch={setSearch}
                onChange={take}
                note={foundNote(state, isCurrent)}
                {...(hint === undefined ? {} : { hint })}
                {...(placeholder === undefined ? {} : { placeholder })}
            />
            {chosen.length > 0 && (
                <ul className="picked" aria-label={`Chosen: ${label}`}>
                    {chosen.map((choice) => (
                        <li key={choice.id}>
                            {choice.name}
                            <AriaButton
                                aria-label={`Leave out ${choice.name}`}
                                onPress={() => onChange(chosen.filter(({ id }) => id !== choice.id))}
                            >
                                <X size={14} aria-hidden />
                            </AriaButton>
                        </li>
                    ))}
                </ul>
            )}
        </div>
    );
}
