// Archiving and restoring users, wherever they are shown.
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, need, wordsOf, type Schemas } from "../api/client";
import { personName } from "../ui/format";
import { Confirm } from "../ui/overlays";
import { toast } from "../ui/toast";

type User = Schemas["User"];

export function useUserStatus(): {
    archive: (user: User) => void;
    restore: (user: User) => Promise<void>;
    dialog: ReactNode;
} {
    const client = useQueryClient();
    const [leaving, setLeaving] = useState<User | null>(null);

    const change = async (user: User, status: User["status"]) => {
        await need(api.PATCH("/api/v1/users/{id}", { params: { path: { id: user.id } }, body: { status } }));
        toast(status === "archived" ? `Archived ${personName(user)}` : `Restored ${personName(user)}`);
        await Promise.all(["users", "user", "sessions"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    };

    return {
        archive: setLeaving,
        restore: (user) => change(user, "active").catch((error: unknown) => toast(wordsOf(error), "bad")),
        dialog: (
            <Confirm
                title={`Archive ${leaving === null ? "" : personName(leaving)}?`}
                action="Archive"
                open={leaving !== null}
                onClose={() => setLeaving(null)}
                onConfirm={() => change(leaving!, "archived")}
            >
                Their sessions end at once, and links for them no longer open. You can restore them at any time.
            </Confirm>
        ),
    };
}
