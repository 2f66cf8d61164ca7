import { ago, at, exactly } from "./format";

/** "3 days ago", with the exact time on hover; `absolute` shows the date itself. */
export function Time({
    time,
    absolute = false,
    never = "never",
}: {
    time: string | null | undefined;
    absolute?: boolean;
    never?: string;
}) {
    if (time === null || time === undefined) {
        return <span className="quiet">{never}</span>;
    }
    return (
        <time dateTime={time} title={exactly(time)} className="nowrap">
            {absolute ? at(time) : ago(time)}
        </time>
    );
}
