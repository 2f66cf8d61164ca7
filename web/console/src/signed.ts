// What changes when somebody signs in: nothing that another one loaded stays.
import type { QueryClient } from "@tanstack/react-query";
import type { Me } from "./me";

export function signedIn(client: QueryClient, me: Me): void {
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
    client.setQueryData(["me"], me);
}
