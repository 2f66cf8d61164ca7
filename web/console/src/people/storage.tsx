// What browsers keep of apps: asking them to clear it.
import { Eraser } from "lucide-react";
import { useState } from "react";
import { api, need } from "../api/client";
import { Button } from "../ui/basics";
import { Checkbox } from "../ui/fields";
import { Confirm } from "../ui/overlays";
import { toast } from "../ui/toast";

export interface Whose {
    userId?: string;
    appId?: string;
}

/** A button, with a question. `of` says of what: "Orders", "the apps that Ann opens". */
export function ClearStorage({ of, small = false, ...whose }: Whose & { of: string; small?: boolean }) {
    const [asking, setAsking] = useState(false);
    const clear = async () => {
        await need(api.DELETE("/api/v1/browser-storage", { params: { query: whose } }));
        toast("Browsers will clear it the next time they open the app");
    };
    return (
        <>
            <Button kind="danger" icon={Eraser} small={small} onPress={() => setAsking(true)}>
                Clear browser storage
            </Button>
            <Confirm
                title="Clear browser storage?"
                action="Clear"
                open={asking}
                onClose={() => setAsking(false)}
                onConfirm={clear}
            >
                What {of} stored in browsers is deleted when it is opened next: caches, local data and service workers.
                Drafts that only the browser has are lost. Sessions and cookies stay.
            </Confirm>
        </>
    );
}

/** A choice in the question whether a session shall end. */
export function AlsoClear({ selected, onChange }: { selected: boolean; onChange: (selected: boolean) => void }) {
    return (
        <Checkbox
            selected={selected}
            onChange={onChange}
            note="Caches, local data and service workers, when the app is opened next."
        >
            Also clear the browser storage of the app
        </Checkbox>
    );
}
