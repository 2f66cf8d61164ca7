// Who is signed in to the portal. Yours will know more.
import { createContext, useContext, useEffect, useState } from "react";

const AuthContext = createContext({ user: null });

export function AuthProvider({ children }) {
    const [user, setUser] = useState(null);
    useEffect(() => {
        fetch("/api/me")
            .then((response) => response.json())
            .then(setUser);
    }, []);
    return <AuthContext value={{ user }}>{children}</AuthContext>;
}

export const useAuth = () => useContext(AuthContext);
