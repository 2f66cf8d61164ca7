// What is shown instead of a page whose code did not come: the server is away, or a newer Inlay has other files.
import { CircleAlert, RefreshCw } from "lucide-react";
import { Component, type ReactNode } from "react";
import { Button, Empty } from "./ui/basics";

const NOTICE = (
    <Empty
        icon={CircleAlert}
        title="This page could not be loaded"
        actions={
            <Button icon={RefreshCw} onPress={() => location.reload()}>
                Load it again
            </Button>
        }
    >
        The server cannot be reached, or it was updated since you opened the console.
    </Empty>
);

interface UnbrokenProps {
    /** Another one is another page, which may well be there. */
    at: string;
    instead?: ReactNode;
    children: ReactNode;
}

interface UnbrokenState {
    at: string;
    isBroken: boolean;
}

export class Unbroken extends Component<UnbrokenProps, UnbrokenState> {
    override state: UnbrokenState = { at: this.props.at, isBroken: false };

    static getDerivedStateFromError(): Partial<UnbrokenState> {
        return { isBroken: true };
    }

    static getDerivedStateFromProps({ at }: UnbrokenProps, state: UnbrokenState): UnbrokenState | null {
        return at === state.at ? null : { at, isBroken: false };
    }

    override render() {
        const { instead = NOTICE, children } = this.props;
        return this.state.isBroken ? instead : children;
    }
}
