import { useEffect, type ReactNode } from "react";

export function PageHead({ title, lead, actions }: { title: string; lead?: ReactNode; actions?: ReactNode }) {
    useEffect(() => {
        document.title = `${title} · Inlay`;
    }, [title]);
    return (
        <header className="page-head">
            <div>
                <h1>{title}</h1>
                {lead !== undefined && <p className="lead">{lead}</p>}
            </div>
            {actions !== undefined && <div className="row">{actions}</div>}
        </header>
    );
}
