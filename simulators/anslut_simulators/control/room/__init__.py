"""The control room: pages in the browser over the control plane, for people who build connectors."""
