// Who has signed in, and what they may do. The server decides; here it only hides what it would refuse.
import { createContext, useContext, type ReactNode } from "react";
import type { Schemas } from "./api/client";

export type Me = Schemas["Me"];
export type Scope = Schemas["Scope"];

const MeContext = createContext<Me | null>(null);

export function MeProvider({ me, children }: { me: Me; children: ReactNode }) {
    return <MeContext value={me}>{children}</MeContext>;
}

export function useMe(): Me {
    const me = useContext(MeContext);
    if (me === null) {
        throw new Error("useMe() outside of MeProvider");
    }
    return me;
}

/** `can("apps:write")`: whether this admin's role has the scope. */
export function useCan(): (scope: Scope) => boolean {
    const { scopes } = useMe();
    return (scope) => {
        const wider = scope.replace(/:read$/, ":write");
        return scopes.some((own) => own === "admin" || own === scope || own === wider);
    };
}
