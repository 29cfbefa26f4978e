// Calls of the admin. A refusal is an answer with a message, and perhaps problems.

export class Refused extends Error {
    constructor(message, problems = [], status = 0) {
        super(message);
        this.problems = problems;
        this.status = status;
    }
}

export class Server {
    constructor(urls, token, words) {
        this.urls = urls;
        this.token = token;
        this.words = words;
    }

    preview(body, signal) {
        return this.post(this.urls.preview, body, signal);
    }

    check(body) {
        return this.post(this.urls.check, body);
    }

    save(body) {
        return this.post(this.urls.save, body);
    }

    publish(body) {
        return this.post(this.urls.publish, body);
    }

    version(number) {
        return this.call(this.urls.version.replace("/0/", `/${number}/`), {});
    }

    post(url, body, signal) {
        return this.call(url, {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
            body: JSON.stringify(body),
            signal,
        });
    }

    async call(url, options) {
        let response;
        try {
            response = await fetch(url, { credentials: "same-origin", ...options });
        } catch (error) {
            if (error.name === "AbortError") throw error;
            throw new Refused(this.words.offline);
        }
        const isJson = (response.headers.get("Content-Type") || "").includes("json");
        if (!isJson) throw new Refused(this.words.fault, [], response.status);
        const body = await response.json();
        if (!response.ok) throw new Refused(body.message, body.problems || [], response.status);
        return body;
    }
}
