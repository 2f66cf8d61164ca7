# JupyterLab, Jupyter Server or the classic notebook behind Inlay: jupyter lab --config=jupyter_config.py
c = get_config()

for jupyter in (c.ServerApp, c.NotebookApp):
    jupyter.ip = "127.0.0.1"  # only this machine, so only Inlay, can reach it
    jupyter.open_browser = False
    jupyter.token = ""  # Inlay lets people in
    jupyter.password = ""
    jupyter.allow_remote_access = True  # the host that browsers name is the app's, not localhost
    jupyter.trust_xheaders = True
