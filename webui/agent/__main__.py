"""Start the agent without the rest of the house: `python -m webui.agent`."""

from webui.agent.command import agent

if __name__ == "__main__":
    agent()
