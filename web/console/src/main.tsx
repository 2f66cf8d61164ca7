import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Toasts } from "./ui/toast";
import { Gate } from "./gate";
import "./styles/index.css";

const client = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 10_000 } } });

createRoot(document.getElementById("root")!).render(
    <StrictMode>
        <QueryClientProvider client={client}>
            <Gate />
            <Toasts />
        </QueryClientProvider>
    </StrictMode>,
);
