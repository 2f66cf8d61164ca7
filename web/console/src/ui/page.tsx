import { useEffect, type ReactNode } from "react";

export function PageHead({
    title,
    lead,
    mark,
    actions,
}: {
    title: string;
    lead?: ReactNode;
    mark?: ReactNode;
    actions?: ReactNode;
}) {
    useEffect(() => {
        document.title = `${title} · Inlay`;
    }, [title]);
    return (
        <header className="page-head">
            {mark}
            <div className="page-title">
                <h1>{title}</h1>
                {lead !== undefined && <div className="lead">{lead}</div>}
            </div>
            {actions !== undefined && <div className="row">{actions}</div>}
        </header>
    );
}
