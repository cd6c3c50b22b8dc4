"""What a request meets before Gradio, and what it leaves behind."""
