"""Mechanics that every service needs and that know no business noun: messages, data, HTTP, access, start."""
