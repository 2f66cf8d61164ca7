import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/client";
import { Gate } from "./gate";
import { setTheme, theme } from "./theme";
import { Toasts } from "./ui/toast";
import "./styles/index.css";

/** A session that ended elsewhere shows the sign-in, whatever was asked when it was noticed. */
function onError(error: unknown, key?: readonly unknown[]) {
    if (error instanceof ApiError && error.code === "sign_in_missing" && key?.[0] !== "me") {
        void client.resetQueries({ queryKey: ["me"] });
    }
}

const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => onError(error, query.queryKey) }),
    mutationCache: new MutationCache({ onError: (error) => onError(error) }),
    defaultOptions: {
        queries: {
            // What the server refuses, it refuses again.
            retry: (failures, error) =>
                failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
            staleTime: 10_000,
        },
    },
});

setTheme(theme());
createRoot(document.getElementById("root")!).render(
    <StrictMode>
        <QueryClientProvider client={client}>
            <Gate />
            <Toasts />
        </QueryClientProvider>
    </StrictMode>,
);
