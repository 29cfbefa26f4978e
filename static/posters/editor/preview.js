// Show what the renderer draws, some moments after each change.

const PAUSE = 150;

export class Preview {
    constructor(store, server, image, { onDrawn, onRefused }) {
        this.store = store;
        this.server = server;
        this.image = image;
        this.onDrawn = onDrawn;
        this.onRefused = onRefused;
        this.sample = "";
        this.timer = 0;
        this.running = null;
    }

    soon() {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.draw(), PAUSE);
    }

    async draw() {
        clearTimeout(this.timer);
        if (this.running) this.running.abort();
        const running = new AbortController();
        this.running = running;
        this.image.dataset.state = "drawing";
        const { document, size } = this.store;
        try {
            const drawn = await this.server.preview(
                { document, size, sample: this.sample },
                running.signal,
            );
            if (this.running !== running) return;
            this.image.src = drawn.image;
            this.image.dataset.state = "ready";
            this.onDrawn(drawn);
        } catch (error) {
            if (error.name === "AbortError" || this.running !== running) return;
            this.image.dataset.state = "refused";
            this.onRefused(error);
        }
    }
}
