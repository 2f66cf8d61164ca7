import { useState } from "react";

/** Calls `then` while rendering with another `value` than before: state that follows the value is never shown late. */
export function useChange<T>(value: T, then: (value: T) => void): void {
    const [seen, setSeen] = useState(value);
    if (value !== seen) {
        setSeen(value);
        then(value);
    }
}
